import { keepPreviousData, mutationOptions, queryOptions } from '@tanstack/react-query'
import { api, call, type Schema } from '@/lib/api/client'
import { workflowKeys } from './workflows'

export type Diagnosis = Schema<'Diagnosis'>
export type Check = Schema<'Check'>
export type Fix = Schema<'Fix'>
export type Fixed = Schema<'Fixed'>

/**
 * What is wrong with a node; looked at again when the graph or the node's state is another, or when a person asks.
 * `seen` says how the node is.
 */
export function diagnosisQuery(id: string, nodeId: string, revision: number, seen: string) {
  return queryOptions({
    queryKey: [...workflowKeys.one(id), 'diagnosis', nodeId, revision, seen],
    queryFn: ({ signal }) =>
      call(
        api.GET('/v1/api/workflows/{workflow_id}/nodes/{node_id}/diagnostics', {
          params: { path: { workflow_id: id, node_id: nodeId } },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
    staleTime: 0,
    refetchOnWindowFocus: false,
  })
}

/** What a fix would do as things are now: every time it is looked at it is tried anew. */
export function fixQuery(id: string, nodeId: string, type: Fix['type']) {
  return queryOptions({
    queryKey: [...workflowKeys.one(id), 'fix', nodeId, type],
    queryFn: ({ signal }) =>
      call(
        api.GET('/v1/api/workflows/{workflow_id}/nodes/{node_id}/fix-template/{fix_type}', {
          params: { path: { workflow_id: id, node_id: nodeId, fix_type: type } },
          signal,
        }),
      ),
    staleTime: 0,
    gcTime: 0,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  })
}

/** Does exactly what the preview of this digest has shown. */
export function applyFixMutation(id: string, nodeId: string, type: Fix['type']) {
  return mutationOptions({
    mutationFn: (digest: string): Promise<Fixed> =>
      call(
        api.POST('/v1/api/workflows/{workflow_id}/nodes/{node_id}/fix', {
          params: { path: { workflow_id: id, node_id: nodeId } },
          body: { fix_type: type, digest },
        }),
      ),
  })
}
