import { formatCount } from '@/lib/format/numbers'
import { lookOf, sortCounts } from './states'
import { StatusMark } from './status-mark'

/** How many nodes are in which state, the worst first: "1 degraded · 3 healthy". */
export function StatusCounts({
  counts,
  none = 'Not deployed',
}: {
  counts: Record<string, number>
  none?: string
}) {
  const found = sortCounts(counts)
  if (!found.length) return <StatusMark state="not_deployed" variant="plain" word={none} />
  return (
    <ul className="flex flex-wrap gap-x-3 gap-y-0.5">
      {found.map(([state, number]) => (
        <li key={state}>
          <StatusMark
            state={state}
            variant="plain"
            word={`${formatCount(number)} ${lookOf(state).word.toLowerCase()}`}
          />
        </li>
      ))}
    </ul>
  )
}
