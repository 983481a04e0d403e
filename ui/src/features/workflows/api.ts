import { infiniteQueryOptions, keepPreviousData } from '@tanstack/react-query'
import { api, call, type Schema } from '@/lib/api/client'

export type WorkflowItem = Schema<'WorkflowItem'>

export const SORTS = ['-updated_at', 'updated_at', 'name', '-name', '-created_at', 'created_at'] as const
export const LIFECYCLE_FILTERS = ['draft', 'published', 'archived'] as const

export interface WorkflowFilters {
  q: string
  status: (typeof LIFECYCLE_FILTERS)[number] | null
  cluster: string | null
  sort: (typeof SORTS)[number]
}

/** Keys of everything about workflows in the cache. */
export const workflowKeys = {
  all: ['workflows'] as const,
  lists: ['workflows', 'list'] as const,
  list: (filters: WorkflowFilters) => ['workflows', 'list', filters] as const,
  one: (id: string) => ['workflows', 'one', id] as const,
}

/** Pages of workflows, asked for again every 15 s while they are shown. */
export function workflowsQuery(filters: WorkflowFilters) {
  return infiniteQueryOptions({
    queryKey: workflowKeys.list(filters),
    queryFn: ({ signal, pageParam }) =>
      call(
        api.GET('/v1/api/workflows', {
          params: {
            query: {
              limit: 50,
              cursor: pageParam,
              sort: filters.sort,
              ...(filters.q && { q: filters.q }),
              ...(filters.status && { status: filters.status }),
              ...(filters.cluster && { cluster_id: filters.cluster }),
            },
          },
          signal,
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
    refetchInterval: 15_000,
  })
}

export function createWorkflow(body: Schema<'NewWorkflow'>) {
  return call(api.POST('/v1/api/workflows', { body }))
}

/** What becomes of what a workflow has on its cluster when it is deleted. */
export type ObjectsChoice = 'teardown' | 'orphan'

/**
 * Delete a workflow; the run that removes its objects first, when there is one.
 * @param data objects with data in them that go as well
 */
export async function deleteWorkflow(
  id: string,
  objects: ObjectsChoice | null,
  data: string[],
): Promise<Schema<'PublicRun'> | undefined> {
  const query = { ...(objects !== null && { objects }), ...(data.length > 0 && { delete_data: data }) }
  return call(api.DELETE('/v1/api/workflows/{workflow_id}', { params: { path: { workflow_id: id }, query } }))
}

/**
 * Archive a workflow, or take it up again; a run, when that has to remove objects first.
 * @param data objects with data in them that go as well
 */
export function setWorkflowStatus(id: string, status: Schema<'StatusBody'>['status'], data: string[]) {
  return call(
    api.PUT('/v1/api/workflows/{workflow_id}/status', {
      params: { path: { workflow_id: id } },
      body: { status, ...(data.length > 0 && { consent: { delete: data } }) },
    }),
  )
}

/** Whether an answer is a run: something has to be done on a cluster first. */
export function isRun(answer: Schema<'PublicRun'> | Schema<'PublicWorkflow'>): answer is Schema<'PublicRun'> {
  return 'workflow_id' in answer
}
