import { Checkbox } from '@/components/ui/input'
import { Loading, Skeleton } from '@/components/ui/skeleton'
import type { HeldData } from './held-data'

interface HeldDataListProps {
  /** null: it could not be found out. */
  held: readonly HeldData[] | null
  isLoading: boolean
  /** What is to go as well. */
  going: ReadonlySet<string>
  onChange: (going: ReadonlySet<string>) => void
}

/** What holds data and stays on the cluster, by name, and what of it is to go as well. */
export function HeldDataList({ held, isLoading, going, onChange }: HeldDataListProps) {
  if (isLoading) {
    return (
      <Loading label="Looking for what holds data">
        <Skeleton className="h-10 w-full" />
      </Loading>
    )
  }
  if (held === null || held.length === 0) {
    return (
      <p className="text-dense">
        {held === null && 'What holds data could not be listed. '}
        Volume claims, namespaces and secrets stay, because data is in them.
      </p>
    )
  }
  const change = (object: string, goes: boolean) => {
    const next = new Set(going)
    if (goes) next.add(object)
    else next.delete(object)
    onChange(next)
  }
  return (
    <fieldset className="text-text">
      <legend className="mb-1.5 text-dense font-medium">This stays, unless you tick it</legend>
      <div className="grid max-h-52 gap-2 overflow-y-auto wrap-anywhere">
        {held.map(({ object, why }) => (
          <Checkbox
            key={object}
            label={`Delete ${object}`}
            help={why}
            checked={going.has(object)}
            onChange={({ target }) => change(object, target.checked)}
          />
        ))}
      </div>
    </fieldset>
  )
}
