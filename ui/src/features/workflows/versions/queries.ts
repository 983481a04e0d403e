import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { api, call, ifMatch, type Schema } from '@/lib/api/client'
import { workflowKeys } from '../api'

export type VersionItem = Schema<'VersionItem'>
export type Comparison = Schema<'Comparison'>
export type NewVersion = Schema<'NewVersion'>

/** A version's number, the graph as it is saved, or what was deployed last. */
export type Ref = `${number}` | 'saved' | 'deployed'

export const versionKeys = {
  list: (id: string) => [...workflowKeys.one(id), 'versions', 'list'] as const,
  compared: (id: string) => [...workflowKeys.one(id), 'versions', 'compare'] as const,
}

const ADDRESS = '/v1/api/workflows/{workflow_id}/versions/{number}'
const at = (id: string, version: number) => ({
  params: { path: { workflow_id: id, number: String(version) } },
})

/** Pages of versions, newest first. */
export function versionsQuery(id: string) {
  return infiniteQueryOptions({
    queryKey: versionKeys.list(id),
    queryFn: ({ signal, pageParam }) =>
      call(
        api.GET('/v1/api/workflows/{workflow_id}/versions', {
          params: { path: { workflow_id: id }, query: { limit: 50, cursor: pageParam } },
          signal,
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next_cursor ?? undefined,
    // every run may have made one
    staleTime: 0,
  })
}

/** What makes one graph into another; `mark` is what the two stand on, so that a change is asked for again. */
export function compareQuery(id: string, from: Ref, to: Ref, mark: string) {
  return queryOptions({
    queryKey: [...versionKeys.compared(id), from, to, mark],
    queryFn: ({ signal }) =>
      call(
        api.GET('/v1/api/workflows/{workflow_id}/versions/compare', {
          params: { path: { workflow_id: id }, query: { v1: from, v2: to } },
          signal,
        }),
      ),
  })
}

export function keepVersion(id: string, body: NewVersion) {
  return call(
    api.POST('/v1/api/workflows/{workflow_id}/versions', { params: { path: { workflow_id: id } }, body }),
  )
}

export function describeVersion(id: string, version: number, body: NewVersion) {
  return call(api.PUT(ADDRESS, { ...at(id, version), body }))
}

export function deleteVersion(id: string, version: number) {
  return call(api.DELETE(ADDRESS, at(id, version)))
}

/** Save a version's graph again; `revision` is the one that was looked at. */
export function restoreVersion(id: string, version: number, revision: number) {
  return call(api.POST(`${ADDRESS}/restore`, { ...at(id, version), body: {}, headers: ifMatch(revision) }))
}
