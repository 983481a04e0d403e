import type { QueryClient } from '@tanstack/react-query'
import { createStore } from 'zustand/vanilla'
import { inPhase, withLine, withNode } from '@/api/merge-run'
import type { LogEntry, RunDocument, RunNode } from '@/api/read-run'
import { changeRun, hearRun, runQuery, waitingRunsQuery } from '@/api/runs'
import { viewOf, type Readable } from '../view'
import { followed, NOT_FOLLOWING, type Following, type Refusal } from './following'
import { isActive, stateOf, type RunState } from './run-state'

export type RunEvent =
  | { type: 'start' }
  | { type: 'refused'; refusal: Refusal }
  | { type: 'document'; run: RunDocument }
  | { type: 'phase'; runId: string; phase: string }
  | { type: 'node'; runId: string; nodeId: string; node: RunNode }
  | { type: 'log'; runId: string; entry: LogEntry }
  | { type: 'cancel'; rollback?: boolean }
  | { type: 'cancel-refused' }
  | { type: 'dismiss' }

export type RunProgress = Extract<RunEvent, { type: 'phase' | 'node' | 'log' }>

/** Take in how far a run is; one that is not known stays so. */
export function hearProgress(client: QueryClient, event: RunProgress): void {
  switch (event.type) {
    case 'phase':
      changeRun(client, event.runId, (run) => inPhase(run, event.phase))
      return
    case 'node':
      changeRun(client, event.runId, (run) => withNode(run, event.nodeId, event.node))
      return
    case 'log':
      changeRun(client, event.runId, (run) => withLine(run, event.entry))
  }
}

/** The newest run of an open workflow: what the server tells is in the cache, what this page did is here. */
export interface OpenRun extends Readable<RunState> {
  dispatch: (event: RunEvent) => void
}

export function createOpenRun(client: QueryClient, workflowId: string): OpenRun {
  const store = createStore<Following>(() => NOT_FOLLOWING)
  const one = () => runQuery(store.getState().runId ?? '').queryKey
  const waiting = waitingRunsQuery(workflowId).queryKey
  const view = viewOf(client, { entries: () => [one(), waiting], stores: [store] }, () =>
    stateOf(store.getState(), client.getQueryData(one()) ?? null, client.getQueryData(waiting)),
  )
  const hear = (run: RunDocument) => {
    const before = view.getState().head
    if (hearRun(client, workflowId, run) === 'goes')
      store.setState((state) => followed(state, before, run.head), true)
  }
  const dispatch = (event: RunEvent) => {
    switch (event.type) {
      case 'document':
        hear(event.run)
        return
      case 'phase':
      case 'node':
      case 'log':
        hearProgress(client, event)
        return
      case 'start':
        if (!isActive(view.getState())) store.setState({ ...NOT_FOLLOWING, starting: true }, true)
        return
      case 'refused':
        store.setState({ starting: false, refusal: event.refusal })
        return
      case 'cancel':
        if (isActive(view.getState()))
          store.setState({ cancelling: true, goingBack: event.rollback === true })
        return
      case 'cancel-refused':
        store.setState({ cancelling: false, goingBack: false })
        return
      case 'dismiss':
        if (!isActive(view.getState())) store.setState({ dismissed: true, refusal: null })
    }
  }
  return { ...view, dispatch }
}
