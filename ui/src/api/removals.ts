import { keepPreviousData, mutationOptions, queryOptions } from '@tanstack/react-query'
import { api, call, type Schema } from '@/lib/api/client'
import { reloadWorkflow, workflowQuery } from './workflows'

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

/** Puts nodes of a run's removed objects back into the graph; `revision` is the one that was looked at. */
export function undoRemovalsMutation(workflowId: string, runId: string) {
  return mutationOptions({
    mutationFn: async (body: { revision: number; nodes: string[] }, { client }) => {
      const params = { path: { run_id: runId } }
      const undone = await call(api.POST('/v1/api/runs/{run_id}/undo', { params, body }))
      client.setQueryData(workflowQuery(workflowId).queryKey, undone.workflow)
      return undone
    },
    onSettled: (_data, error, _body, _started, { client }) =>
      error === null ? undefined : reloadWorkflow(client, workflowId),
  })
}
