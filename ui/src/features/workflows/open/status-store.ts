import { createStore, type StoreApi } from 'zustand/vanilla'
import type { NodeStatus } from './status'

export type StatusState = {
  statuses: Readonly<Record<string, NodeStatus>>
  /** Whether the first answer is there: before it nothing is known, afterwards what is missing was never deployed. */
  loaded: boolean
  /** Since when this page hears nothing of the workflow, once that is long enough to matter. */
  unheardSince: string | null
}

export type StatusStore = StoreApi<StatusState>

/** The statuses of one open workflow, by node: a card listens to its own entry alone. */
export function createStatusStore(): StatusStore {
  return createStore<StatusState>(() => ({ statuses: {}, loaded: false, unheardSince: null }))
}

/** Everything at once: what is not in it is no longer known. */
export function replaceAll(store: StatusStore, statuses: readonly NodeStatus[]): void {
  store.setState({
    statuses: Object.fromEntries(statuses.map((status) => [status.nodeId, status])),
    loaded: true,
  })
}

export function put(store: StatusStore, status: NodeStatus): void {
  store.setState((state) => ({ statuses: { ...state.statuses, [status.nodeId]: status } }))
}
