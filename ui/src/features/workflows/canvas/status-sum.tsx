import { useShallow } from 'zustand/react/shallow'
import { lookOf, sortCounts } from '@/components/status/states'
import { StatusMark } from '@/components/status/status-mark'
import { cx } from '@/lib/format/classes'
import { useCanvas, useGraph, useStatus } from '../open/hooks'
import { useOpenWorkflow } from '../open/open-workflow'
import { DRAWINGS } from '../graph/types'
import { stateOf, sumOf } from '../open/status'

/** "1 degraded · 3 healthy": how all nodes are; each part lets its cards stand out and leads to the first. */
export function StatusSum() {
  const { graph } = useGraph()
  const { stores, status } = useOpenWorkflow()
  const ids = graph.nodes.filter((node) => !DRAWINGS.has(node.type)).map((node) => node.id)
  const loaded = useStatus((state) => state.loaded)
  const sum = useStatus(useShallow((state) => sumOf(ids, state.statuses, state.unheardSince)))
  const filter = useCanvas((state) => state.filter)
  if (!loaded || ids.length === 0) return null
  const choose = (state: string) => {
    const { statuses, unheardSince } = status.getState()
    const first = ids.find((id) => stateOf(statuses[id], unheardSince) === state) ?? null
    stores.canvas.setState(filter === state ? { filter: null } : { filter: state, wantedId: first })
  }
  return (
    <ul aria-label="Status of the nodes" className="flex items-center gap-1 max-sm:flex-wrap">
      {sortCounts(sum).map(([state, number]) => (
        <li key={state}>
          <button
            type="button"
            aria-pressed={filter === state}
            title={filter === state ? 'Show all nodes' : `Show the ${wordOf(state)} nodes`}
            onClick={() => choose(state)}
            className={cx(
              'flex h-7 items-center rounded-full border px-1.5 hover:bg-sunken',
              filter === state ? 'border-accent bg-sunken' : 'border-transparent',
            )}
          >
            <StatusMark state={state} variant="plain" word={`${number} ${wordOf(state)}`} />
          </button>
        </li>
      ))}
    </ul>
  )
}

function wordOf(state: string): string {
  return lookOf(state).word.toLowerCase()
}
