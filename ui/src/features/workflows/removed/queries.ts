import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { api, call, type Schema } from '@/lib/api/client'

export type RemovedObject = Schema<'RemovedObject'>
export type Undone = Schema<'UndoAnswer'>

/** What a run has removed; `mark` is the graph that it is compared with, so that another one is asked for again. */
export function removedQuery(runId: string, mark: string) {
  return queryOptions({
    queryKey: ['runs', 'removed', runId, mark],
    queryFn: async ({ signal }) => {
      const answer = await call(
        api.GET('/v1/api/runs/{run_id}/removed', { params: { path: { run_id: runId } }, signal }),
      )
      return answer.items
    },
    placeholderData: keepPreviousData,
    staleTime: 0,
  })
}

/** Put nodes of a run's removed objects back into the graph; `revision` is the one that was looked at. */
export function undoRemovals(runId: string, revision: number, nodes: string[]) {
  return call(
    api.POST('/v1/api/runs/{run_id}/undo', {
      params: { path: { run_id: runId } },
      body: { revision, nodes },
    }),
  )
}
