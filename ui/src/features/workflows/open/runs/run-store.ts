import { createStore, type StoreApi } from 'zustand/vanilla'
import { NO_RUN, reduce, type RunEvent, type RunState } from './machine'

export type RunStore = StoreApi<RunState>

/** The newest run of one open workflow. */
export function createRunStore(): RunStore {
  return createStore<RunState>(() => NO_RUN)
}

export function dispatch(store: RunStore, event: RunEvent): void {
  store.setState((state) => reduce(state, event), true)
}
