import { createStore, type StoreApi } from 'zustand/vanilla'
import { NO_PLAN, reduce, type PlanEvent, type PlanState } from './machine'

export type PlanStore = StoreApi<PlanState>

/** What is done with plans of one open workflow; the plans themselves are in the query cache. */
export function createPlanStore(): PlanStore {
  return createStore<PlanState>(() => NO_PLAN)
}

export function dispatchPlan(store: PlanStore, event: PlanEvent): void {
  store.setState((state) => reduce(state, event), true)
}
