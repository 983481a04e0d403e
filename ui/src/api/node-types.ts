import { queryOptions } from '@tanstack/react-query'
import { api, call } from '@/lib/api/client'

const FIVE_MINUTES = 5 * 60_000

/** All node types and rules. */
export const nodeTypesQuery = queryOptions({
  queryKey: ['node-types'],
  queryFn: ({ signal }) => call(api.GET('/v1/api/node-types', { signal })),
  staleTime: FIVE_MINUTES,
})

/** The same for one namespace of a cluster: with presets for its extensions, and whether each type can be used there. */
export function clusterNodeTypesQuery(cluster: string, namespace: string) {
  return queryOptions({
    queryKey: ['node-types', cluster, namespace],
    queryFn: ({ signal }) =>
      call(api.GET('/v1/api/node-types', { params: { query: { cluster, namespace } }, signal })),
    staleTime: FIVE_MINUTES,
  })
}
