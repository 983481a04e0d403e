import { infiniteQueryOptions, mutationOptions, queryOptions } from '@tanstack/react-query'
import { api, call, ifMatch, type Schema } from '@/lib/api/client'
import { reloadWorkflow, workflowKeys, workflowQuery } from './workflows'

export type VersionItem = Schema<'VersionItem'>
export type Comparison = Schema<'Comparison'>
export type NewVersion = Schema<'NewVersion'>

/** A version's number, the graph as it is saved, or what was deployed last. */
export type Ref = `${number}` | 'saved' | 'deployed'

const versionKeys = {
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

const keep = (id: string, body: NewVersion) =>
  call(api.POST('/v1/api/workflows/{workflow_id}/versions', { params: { path: { workflow_id: id } }, body }))

/** Keeps what is saved as a version, or names one that is there. */
export function saveVersionMutation(id: string, version: number | null) {
  return mutationOptions({
    mutationFn: (body: NewVersion) =>
      version === null ? keep(id, body) : call(api.PUT(ADDRESS, { ...at(id, version), body })),
    onSettled: async (_data, error, _body, _started, { client }) => {
      if (error !== null) return
      await Promise.all([
        client.invalidateQueries({ queryKey: versionKeys.list(id) }),
        // which version is the newest is said by the workflow
        reloadWorkflow(client, id),
      ])
    },
  })
}

export function deleteVersionMutation(id: string, version: number) {
  return mutationOptions({
    mutationFn: () => call(api.DELETE(ADDRESS, at(id, version))),
    onSettled: (_data, error, _wanted, _started, { client }) =>
      error === null ? client.invalidateQueries({ queryKey: versionKeys.list(id) }) : undefined,
  })
}

type Restoring = {
  /** The revision that was looked at. */
  revision: number
  /** What is saved is kept under this name first; null keeps nothing. */
  keepAs: string | null
}

/** Saves a version's graph again. */
export function restoreVersionMutation(id: string, version: number) {
  return mutationOptions({
    mutationFn: async ({ revision, keepAs }: Restoring, { client }) => {
      if (keepAs !== null) await keep(id, { name: keepAs, tag: '', description: '' })
      const restored = await call(
        api.POST(`${ADDRESS}/restore`, { ...at(id, version), body: {}, headers: ifMatch(revision) }),
      )
      client.setQueryData(workflowQuery(id).queryKey, restored)
      return restored
    },
    onSettled: (_data, error, _wanted, _started, { client }) =>
      error === null
        ? client.invalidateQueries({ queryKey: versionKeys.list(id) })
        : reloadWorkflow(client, id),
  })
}
