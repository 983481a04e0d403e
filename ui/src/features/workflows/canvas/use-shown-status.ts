import type { NodeStatus } from '@/api/read-status'
import { useCanvas, useRun, useStatus } from '../open/hooks'
import { markOnCard } from '../open/runs/describe-run'
import { staleSinceOf, stateOf } from '../open/status'

export type ShownStatus = {
  /** How it was observed; undefined while nothing was. */
  status: NodeStatus | undefined
  state: string
  message: string
  staleSince: string | null
  /** Cards in another state are to stand out. */
  faded: boolean
}

/** How a node is: as a run that has a say in it tells, else as it was observed. */
export function useShownStatus(id: string): ShownStatus {
  const status = useStatus((state) => state.statuses[id])
  const unheard = useStatus((state) => state.unheardSince)
  const loaded = useStatus((state) => state.loaded)
  const step = useRun((state) => markOnCard(state, id))
  const said = useRun((state) => (step === null ? '' : (state.nodes[id]?.message ?? '')))
  const faded = useCanvas(
    ({ filter, found }) =>
      (filter !== null && stateOf(status, unheard) !== filter) || (found !== null && !found.has(id)),
  )
  if (step !== null) return { status, state: step, message: said, staleSince: null, faded }
  return {
    status,
    state: status?.state ?? (loaded ? 'not_deployed' : 'unknown'),
    message: status?.message ?? '',
    staleSince: staleSinceOf(status, unheard),
    faded,
  }
}
