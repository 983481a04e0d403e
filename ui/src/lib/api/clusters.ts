import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { api, call, type Schema } from './client'

export type Cluster = Schema<'ClusterHead'>

/** Keys of everything about clusters in the cache. */
export const clusterKeys = {
  all: ['clusters'] as const,
  list: ['clusters', 'list'] as const,
  choices: ['clusters', 'choices'] as const,
}

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
