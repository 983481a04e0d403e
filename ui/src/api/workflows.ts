import {
  infiniteQueryOptions,
  keepPreviousData,
  mutationOptions,
  queryOptions,
  type QueryClient,
} from '@tanstack/react-query'
import { api, call, ifMatch, type Schema } from '@/lib/api/client'
import { readStatuses, type NodeStatus } from './read-status'

export type Workflow = Schema<'PublicWorkflow'>
export type WorkflowItem = Schema<'WorkflowItem'>
/** What archiving and deleting ask about a workflow; a list has it as well as the page of one. */
export type WorkflowInLife = Pick<WorkflowItem, 'id' | 'name' | 'namespace' | 'status' | 'deployed_version'>

export const SORTS = ['-updated_at', 'updated_at', 'name', '-name', '-created_at', 'created_at'] as const
export const LIFECYCLE_FILTERS = ['draft', 'published', 'archived'] as const

export interface WorkflowFilters {
  q: string
  status: (typeof LIFECYCLE_FILTERS)[number] | null
  cluster: string | null
  sort: (typeof SORTS)[number]
}

/** Keys of everything about workflows in the cache; what belongs to one workflow begins with its key. */
export const workflowKeys = {
  lists: ['workflows', 'list'] as const,
  list: (filters: WorkflowFilters) => ['workflows', 'list', filters] as const,
  one: (id: string) => ['workflows', 'one', id] as const,
}

const at = (id: string) => ({ params: { path: { workflow_id: id } } })

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

const MOST_PAGES = 20

/** What one's workflows are called, by id. */
export const workflowNamesQuery = queryOptions({
  queryKey: [...workflowKeys.lists, 'names'],
  queryFn: async ({ signal }): Promise<ReadonlyMap<string, string>> => {
    const names = new Map<string, string>()
    let cursor: string | undefined
    for (let page = 0; page < MOST_PAGES; page += 1) {
      const query = { limit: 100, cursor }
      const answer = await call(api.GET('/v1/api/workflows', { params: { query }, signal }))
      for (const { id, name } of answer.items) names.set(id, name)
      if (answer.next_cursor == null) break
      cursor = answer.next_cursor
    }
    return names
  },
})

/** A workflow with its graph. */
export function workflowQuery(id: string) {
  return queryOptions({
    queryKey: workflowKeys.one(id),
    queryFn: ({ signal }) => call(api.GET('/v1/api/workflows/{workflow_id}', { ...at(id), signal })),
  })
}

/** Ask for the workflow again, and for nothing that hangs on it. */
export function reloadWorkflow(client: QueryClient, id: string): Promise<void> {
  return client.invalidateQueries({ queryKey: workflowKeys.one(id), exact: true })
}

/** Ask for the workflow now, and give what the server has. */
export function fetchWorkflow(client: QueryClient, id: string): Promise<Workflow> {
  return client.query({ ...workflowQuery(id), staleTime: 0 })
}

/** Take in a workflow as an answer has it, unless a later one is known; gives the one that is known then. */
export function hearWorkflow(client: QueryClient, heard: Workflow): Workflow {
  const { queryKey } = workflowQuery(heard.id)
  const known = client.getQueryData(queryKey)
  void client.invalidateQueries({ queryKey: workflowKeys.lists })
  if (known !== undefined && known.revision > heard.revision) return known
  client.setQueryData(queryKey, heard)
  return heard
}

/** Save a graph, if nobody has saved since the revision that it began with. */
export function saveGraph(id: string, body: Schema<'GraphBody'>, revision: number): Promise<Workflow> {
  return call(
    api.POST('/v1/api/workflows/{workflow_id}/save', { ...at(id), body, headers: ifMatch(revision) }),
  )
}

/** What is wrong with the stored graph. */
export function issuesQuery(id: string, revision: number) {
  return queryOptions({
    queryKey: [...workflowKeys.one(id), 'issues', revision],
    queryFn: async ({ signal }) => {
      const answer = await call(
        api.POST('/v1/api/workflows/{workflow_id}/validate', { ...at(id), body: {}, signal }),
      )
      return answer.issues
    },
  })
}

/** What is wrong with a graph that is not saved. */
export async function checkGraph(
  id: string,
  graph: Schema<'GraphBody'>,
  signal: AbortSignal,
): Promise<Schema<'Issue'>[]> {
  const answer = await call(
    api.POST('/v1/api/workflows/{workflow_id}/validate', { ...at(id), body: graph, signal }),
  )
  return answer.issues
}

/** How the nodes of a workflow are, by node. */
export type Statuses = Readonly<Record<string, NodeStatus>>

function byNode(statuses: readonly NodeStatus[]): Statuses {
  return Object.fromEntries(statuses.map((status) => [status.nodeId, status]))
}

/** How all nodes are: asked for once, and kept by the stream from then on. */
export function statusQuery(id: string) {
  return queryOptions({
    queryKey: [...workflowKeys.one(id), 'status'],
    queryFn: async ({ signal }): Promise<Statuses> => {
      const answer = await call(api.GET('/v1/api/workflows/{workflow_id}/status', { ...at(id), signal }))
      return byNode(readStatuses(answer.items))
    },
    staleTime: 0,
  })
}

/** Everything at once, as the stream tells it: what is not in it is no longer known. */
export function hearStatuses(client: QueryClient, id: string, statuses: readonly NodeStatus[]): void {
  const { queryKey } = statusQuery(id)
  // an answer on its way says what was before
  void client.cancelQueries({ queryKey, exact: true })
  client.setQueryData(queryKey, byNode(statuses))
}

/** One node's status, as the stream tells it; the first answer comes before. */
export function hearStatus(client: QueryClient, id: string, status: NodeStatus): void {
  client.setQueryData(statusQuery(id).queryKey, (known) => known && { ...known, [status.nodeId]: status })
}

/** A change after which lists of workflows are asked for again, when it was made. */
function changeOf<Answer, Wanted>(mutationFn: (wanted: Wanted) => Promise<Answer>) {
  return mutationOptions({
    mutationFn,
    onSettled: (_data, error, _wanted, _started, { client }) =>
      error === null ? client.invalidateQueries({ queryKey: workflowKeys.lists }) : undefined,
  })
}

export const createWorkflowMutation = changeOf((body: Schema<'NewWorkflow'>) =>
  call(api.POST('/v1/api/workflows', { body })),
)

/** Copies a workflow as it is saved, without its secret values, versions and runs. */
export function cloneWorkflowMutation(id: string) {
  return changeOf((name: string) =>
    call(api.POST('/v1/api/workflows/{workflow_id}/clone', { ...at(id), body: { name } })),
  )
}

export type HeadChanges = Schema<'HeadChanges'>

type Changing = {
  /** The revision that was looked at. */
  revision: number
  changes: HeadChanges
}

/** Changes what is said of a workflow beside its graph. */
export function changeWorkflowMutation(id: string) {
  return mutationOptions({
    mutationFn: async ({ revision, changes }: Changing, { client }) => {
      const request = { ...at(id), body: changes, headers: ifMatch(revision) }
      const saved = await call(api.PUT('/v1/api/workflows/{workflow_id}', request))
      client.setQueryData(workflowQuery(id).queryKey, saved)
      return saved
    },
    onSettled: (_data, error, _changing, _started, { client }) =>
      error === null ? client.invalidateQueries({ queryKey: workflowKeys.lists }) : undefined,
  })
}

/** What becomes of what a workflow has on its cluster when it is deleted. */
export type ObjectsChoice = 'teardown' | 'orphan'

type Deleting = {
  objects: ObjectsChoice | null
  /** Objects with data in them that go as well. */
  data: string[]
}

/** Deletes a workflow; gives the run that removes its objects first, when there is one. */
export function deleteWorkflowMutation(id: string) {
  return changeOf(async ({ objects, data }: Deleting): Promise<Schema<'PublicRun'> | null> => {
    const query = { ...(objects !== null && { objects }), ...(data.length > 0 && { delete_data: data }) }
    const params = { path: { workflow_id: id }, query }
    const answer: Promise<Schema<'PublicRun'> | undefined> = call(
      api.DELETE('/v1/api/workflows/{workflow_id}', { params }),
    )
    return (await answer) ?? null
  })
}

type Lifecycle = {
  status: Schema<'StatusBody'>['status']
  /** Objects with data in them that go as well. */
  data: string[]
}

/** Archives a workflow, or takes it up again; gives a run, when that has to remove objects first. */
export function workflowStatusMutation(id: string) {
  return mutationOptions({
    mutationFn: ({ status, data }: Lifecycle) =>
      call(
        api.PUT('/v1/api/workflows/{workflow_id}/status', {
          ...at(id),
          body: { status, ...(data.length > 0 && { consent: { delete: data } }) },
        }),
      ),
    onSettled: async (_data, error, _wanted, _started, { client }) => {
      if (error !== null) return
      await Promise.all([
        client.invalidateQueries({ queryKey: workflowKeys.lists }),
        reloadWorkflow(client, id),
      ])
    },
  })
}

/** Whether an answer is a run: something has to be done on a cluster first. */
export function isRun(answer: Schema<'PublicRun'> | Workflow): answer is Schema<'PublicRun'> {
  return 'workflow_id' in answer
}
