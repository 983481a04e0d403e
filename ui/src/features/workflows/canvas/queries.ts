import { queryOptions } from '@tanstack/react-query'
import { api, call } from '@/lib/api/client'
import { workflowKeys } from '../api'
import { catalogueOf } from '../graph/graph'
import { readRun } from '@/api/read-run'
import { readStatuses } from '../open/status'

/** A workflow with its graph. */
export function workflowQuery(id: string) {
  return queryOptions({
    queryKey: workflowKeys.one(id),
    queryFn: ({ signal }) =>
      call(api.GET('/v1/api/workflows/{workflow_id}', { params: { path: { workflow_id: id } }, signal })),
  })
}

/** All node types and rules, by name. */
export function catalogueQuery() {
  return queryOptions({
    queryKey: ['node-types'],
    queryFn: async ({ signal }) => catalogueOf(await call(api.GET('/v1/api/node-types', { signal }))),
    staleTime: 5 * 60_000,
  })
}

/** The same for one namespace of a cluster: with presets for its extensions, and whether each type can be used there. */
export function clusterCatalogueQuery(clusterId: string, namespace: string) {
  return queryOptions({
    queryKey: ['node-types', clusterId, namespace],
    queryFn: async ({ signal }) =>
      catalogueOf(
        await call(
          api.GET('/v1/api/node-types', { params: { query: { cluster: clusterId, namespace } }, signal }),
        ),
      ),
    staleTime: 5 * 60_000,
  })
}

/** How all nodes are; the stream says it too, this is for the time before it does. */
export function statusQuery(id: string) {
  return queryOptions({
    queryKey: [...workflowKeys.one(id), 'status'],
    queryFn: async ({ signal }) => {
      const path = { workflow_id: id }
      const answer = await call(
        api.GET('/v1/api/workflows/{workflow_id}/status', { params: { path }, signal }),
      )
      return readStatuses(answer.items)
    },
    staleTime: 0,
  })
}

/** What is wrong with the stored graph. */
export function issuesQuery(id: string, revision: number) {
  return queryOptions({
    queryKey: [...workflowKeys.one(id), 'issues', revision],
    queryFn: async ({ signal }) => {
      const path = { workflow_id: id }
      const answer = await call(
        api.POST('/v1/api/workflows/{workflow_id}/validate', { params: { path }, body: {}, signal }),
      )
      return answer.issues
    },
  })
}

/** One run with its log; null when the answer cannot be read. */
export function runQuery(id: string) {
  return queryOptions({
    queryKey: ['runs', 'one', id],
    queryFn: async ({ signal }) =>
      readRun(await call(api.GET('/v1/api/runs/{run_id}', { params: { path: { run_id: id } }, signal }))),
    staleTime: 0,
  })
}

/** The newest runs of a workflow, without their logs. */
export function runsQuery(id: string) {
  return queryOptions({
    queryKey: [...workflowKeys.one(id), 'runs'],
    queryFn: async ({ signal }) => {
      const answer = await call(
        api.GET('/v1/api/workflows/{workflow_id}/runs', {
          params: { path: { workflow_id: id }, query: { limit: 20 } },
          signal,
        }),
      )
      return answer.items.map(readRun).filter((run) => run !== null)
    },
    staleTime: 0,
  })
}

/** Which keys of a secret node have values. */
export function secretKeysQuery(id: string, nodeId: string) {
  return queryOptions({
    queryKey: [...workflowKeys.one(id), 'secrets', nodeId],
    queryFn: ({ signal }) =>
      call(
        api.GET('/v1/api/workflows/{workflow_id}/secrets/{node_id}', {
          params: { path: { workflow_id: id, node_id: nodeId } },
          signal,
        }),
      ),
  })
}

/** The cluster a workflow runs on. */
export function clusterQuery(id: string) {
  return queryOptions({
    queryKey: ['clusters', 'one', id],
    queryFn: ({ signal }) =>
      call(api.GET('/v1/api/clusters/{cluster_id}', { params: { path: { cluster_id: id } }, signal })),
  })
}
