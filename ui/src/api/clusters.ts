import { infiniteQueryOptions, mutationOptions, queryOptions } from '@tanstack/react-query'
import { api, call, type Schema } from '@/lib/api/client'
import type { ApiError } from '@/lib/api/error'
import { z } from '@/lib/config/zod'

export type Cluster = Schema<'ClusterHead'>
export type NewCluster = Schema<'NewCluster'>
export type ConnectionTest = Schema<'ConnectionTest'>

const clusterKeys = {
  all: ['clusters'] as const,
  list: ['clusters', 'list'] as const,
  choices: ['clusters', 'choices'] as const,
  one: (id: string) => ['clusters', 'one', id] as const,
  options: (id: string, source: string, namespace: string) =>
    ['clusters', 'one', id, 'options', source, namespace] as const,
}

const at = (id: string) => ({ params: { path: { cluster_id: id } } })

/** The clusters one may choose from, by name; the first hundred. */
export const clusterChoicesQuery = queryOptions({
  queryKey: clusterKeys.choices,
  queryFn: ({ signal }) => call(api.GET('/v1/api/clusters', { params: { query: { limit: 100 } }, signal })),
  select: (page) => page.items,
})

/** Pages of clusters, asked for again every 15 s while they are shown. */
export const clustersQuery = infiniteQueryOptions({
  queryKey: clusterKeys.list,
  queryFn: ({ signal, pageParam }) =>
    call(api.GET('/v1/api/clusters', { params: { query: { limit: 50, cursor: pageParam } }, signal })),
  initialPageParam: undefined as string | undefined,
  getNextPageParam: (last) => last.next_cursor ?? undefined,
  refetchInterval: 15_000,
})

/** The cluster a workflow runs on. */
export function clusterQuery(id: string) {
  return queryOptions({
    queryKey: clusterKeys.one(id),
    queryFn: ({ signal }) => call(api.GET('/v1/api/clusters/{cluster_id}', { ...at(id), signal })),
  })
}

export type ClusterOptions = Schema<'Options'>

const FIVE_MINUTES = 5 * 60_000

/** Kinds of names that a cluster offers to choose from. */
export const OPTION_SOURCES = [
  'namespaces',
  'storage-classes',
  'ingress-classes',
  'priority-classes',
  'runtime-classes',
  'service-accounts',
  'config-maps',
  'claims',
  'services',
  'secrets',
  'custom-kinds',
] as const
export type OptionSource = (typeof OPTION_SOURCES)[number]

/** Names on a cluster that a field may be filled with. */
export function clusterOptionsQuery(id: string, source: OptionSource, namespace: string) {
  return queryOptions({
    queryKey: clusterKeys.options(id, source, namespace),
    queryFn: ({ signal }) =>
      call(
        api.GET('/v1/api/clusters/{cluster_id}/options/{source}', {
          params: { path: { cluster_id: id, source }, query: { namespace } },
          signal,
        }),
      ),
    staleTime: FIVE_MINUTES,
    retry: false,
  })
}

/** Whether a cluster could be connected; nothing is kept. */
export const testClusterMutation = mutationOptions({
  mutationFn: (body: NewCluster) => call(api.POST('/v1/api/clusters/test', { body })),
})

export const connectClusterMutation = changeOf((body: NewCluster) =>
  call(api.POST('/v1/api/clusters', { body })),
)

export function deleteClusterMutation(id: string) {
  return changeOf(() => call(api.DELETE('/v1/api/clusters/{cluster_id}', at(id))))
}

/** Look at a cluster now. */
export function refreshClusterMutation(id: string) {
  return changeOf(() => call(api.POST('/v1/api/clusters/{cluster_id}/refresh', at(id))))
}

export function setDefaultClusterMutation(id: string) {
  return changeOf(() => call(api.PUT('/v1/api/clusters/{cluster_id}/default', at(id))))
}

/** A change after which every answer about clusters is asked for again. */
function changeOf<Answer, Wanted = void>(mutationFn: (wanted: Wanted) => Promise<Answer>) {
  return mutationOptions({
    mutationFn,
    onSettled: (_data, _error, _wanted, _started, { client }) =>
      client.invalidateQueries({ queryKey: clusterKeys.all }),
  })
}

const FailedTest = z.object({
  ok: z.boolean(),
  server: z.string().default(''),
  version: z.string().default(''),
  checks: z.array(
    z.object({
      id: z.string(),
      title: z.string(),
      state: z.enum(['pass', 'fail', 'skip']),
      detail: z.string().default(''),
      remedy: z.string().default(''),
    }),
  ),
})

/** The test inside the refusal of a cluster that does not pass it. */
export function testOf(error: ApiError): ConnectionTest | null {
  return FailedTest.safeParse(error.details.test).data ?? null
}
