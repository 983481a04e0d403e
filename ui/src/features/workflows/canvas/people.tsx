import { Tooltip } from '@/components/ui/tooltip'
import { usePeople } from '../open/hooks'
import type { Someone } from '../open/people'

const MOST = 3

/** Who else has this workflow open, in the toolbar. */
export function People() {
  const people = usePeople((all) => all)
  if (people.length === 0) return null
  return (
    <ul aria-label="Also here" className="flex items-center -space-x-1">
      {people.slice(0, MOST).map((someone) => (
        <li key={someone.id}>
          <Tooltip text={wordOf(someone)}>
            <button
              type="button"
              aria-label={wordOf(someone)}
              className="person"
              style={{ background: someone.color }}
            >
              {initialOf(someone)}
            </button>
          </Tooltip>
        </li>
      ))}
      {people.length > MOST && <li className="pl-2 text-meta text-text-muted">+{people.length - MOST}</li>}
    </ul>
  )
}

/** Who else has this card open. */
export function PeopleAt({ nodeId }: { nodeId: string }) {
  const names = usePeople((all) =>
    all
      .filter(({ node_id: at }) => at === nodeId)
      .map(({ name }) => name)
      .join(', '),
  )
  const color = usePeople((all) => all.find(({ node_id: at }) => at === nodeId)?.color ?? '')
  if (names === '') return null
  return (
    <span className="person-at" style={{ background: color }}>
      {names}
    </span>
  )
}

function wordOf({ name, editing }: Someone): string {
  return editing ? `${name}, with unsaved changes` : name
}

function initialOf({ name }: Someone): string {
  return Array.from(name.trim())[0]?.toUpperCase() ?? '?'
}
