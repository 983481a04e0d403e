import { infiniteQueryOptions, mutationOptions, queryOptions, type QueryClient } from '@tanstack/react-query'
import { api, call, idempotencyKey, type Schema } from '@/lib/api/client'
import { afterAnswer, afterUpdate } from './merge-run'
import { readRun, type Consent, type RunDocument, type RunHead } from './read-run'
import { workflowKeys } from './workflows'

const PAGE = 100

const runKeys = {
  one: (id: string) => ['runs', 'one', id] as const,
  plan: (id: string, digest: string) => ['runs', 'plan', id, digest] as const,
  ofWorkflow: (workflowId: string) => [...workflowKeys.one(workflowId), 'runs'] as const,
  /** Pages of the runs of one workflow, or of all (null). */
  pages: (workflowId: string | null) => ['runs', 'pages', workflowId] as const,
  waiting: (workflowId: string) => [...workflowKeys.one(workflowId), 'waiting-runs'] as const,
}

const at = (id: string) => ({ params: { path: { run_id: id } } })
const ofWorkflow = (id: string) => ({ params: { path: { workflow_id: id } } })

/** One run with its log; null when the answer cannot be read. The stream adds to it while the run is followed. */
export function runQuery(id: string) {
  return queryOptions({
    queryKey: runKeys.one(id),
    queryFn: async ({ client, signal }): Promise<RunDocument | null> => {
      const heard = readRun(await call(api.GET('/v1/api/runs/{run_id}', { ...at(id), signal })))
      return heard && afterAnswer(client.getQueryData<RunDocument | null>(runKeys.one(id)) ?? null, heard)
    },
    staleTime: 0,
  })
}

async function newestRuns(workflowId: string, signal: AbortSignal): Promise<RunDocument[]> {
  const params = { path: { workflow_id: workflowId }, query: { limit: 20 } }
  const answer = await call(api.GET('/v1/api/workflows/{workflow_id}/runs', { params, signal }))
  return answer.items.map(readRun).filter((run) => run !== null)
}

/** The newest runs of a workflow, without their logs. */
export function runsQuery(workflowId: string) {
  return queryOptions({
    queryKey: runKeys.ofWorkflow(workflowId),
    queryFn: ({ signal }) => newestRuns(workflowId, signal),
    staleTime: 0,
  })
}

const SOON_MS = 3_000
const LATER_MS = 15_000

/** Pages of runs without their logs, newest first: of one workflow, or of all one's own (null). */
export function runPagesQuery(workflowId: string | null) {
  return infiniteQueryOptions({
    queryKey: runKeys.pages(workflowId),
    queryFn: async ({ signal, pageParam }) => {
      const query = { limit: 50, cursor: pageParam }
      const page = await call<Schema<'RunPage'>>(
        workflowId === null
          ? api.GET('/v1/api/runs', { params: { query }, signal })
          : api.GET('/v1/api/workflows/{workflow_id}/runs', {
              params: { path: { workflow_id: workflowId }, query },
              signal,
            }),
      )
      const items = page.items.map(readRun).filter((run) => run !== null)
      return { ...page, items: items.map(({ head }) => head) }
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next_cursor ?? undefined,
    // what is under way goes on while it is looked at
    refetchInterval: ({ state }) =>
      state.data?.pages.some(({ items }) => items.some((head) => isGoing(head))) === true
        ? SOON_MS
        : LATER_MS,
    staleTime: 0,
  })
}

function isGoing({ status }: RunHead): boolean {
  return status === 'queued' || status === 'running'
}

/** The runs in the queue behind the active one, the next one first; the stream tells of later ones. */
export function waitingRunsQuery(workflowId: string) {
  return queryOptions({
    queryKey: runKeys.waiting(workflowId),
    queryFn: async ({ signal }) => {
      const heads = (await newestRuns(workflowId, signal)).map(({ head }) => head)
      return heads.filter(isQueued).sort(byAge)
    },
    staleTime: 0,
  })
}

function isQueued({ waiting, status }: RunHead): boolean {
  return waiting && status === 'queued'
}

function byAge(left: RunHead, right: RunHead): number {
  return left.createdAt.localeCompare(right.createdAt)
}

/** Take in what was heard of a run: it waits in the queue, or has left it and is known by itself. */
export function hearRun(client: QueryClient, workflowId: string, heard: RunDocument): 'waits' | 'goes' {
  const { head } = heard
  const waits = isQueued(head)
  client.setQueryData(waitingRunsQuery(workflowId).queryKey, (known = []) => {
    const others = known.filter(({ id }) => id !== head.id)
    return waits ? [...others, head].sort(byAge) : others
  })
  if (waits) return 'waits'
  client.setQueryData(runKeys.one(head.id), (known: RunDocument | null | undefined) =>
    afterUpdate(known ?? null, heard),
  )
  return 'goes'
}

/** Change what is known of one run, as an update says; a run that is not known stays so. */
export function changeRun(client: QueryClient, id: string, change: (run: RunDocument) => RunDocument): void {
  client.setQueryData(runKeys.one(id), (known: RunDocument | null | undefined) => known && change(known))
}

/** Every item of a run's plan, in its order; the digest names the plan, so that another one is asked for again. */
export function planItemsQuery(runId: string, digest: string) {
  return queryOptions({
    queryKey: runKeys.plan(runId, digest),
    queryFn: async ({ signal }) => {
      const items: Schema<'PlanItem'>[] = []
      let cursor: string | undefined
      do {
        const page = await call(
          api.GET('/v1/api/runs/{run_id}/plan', {
            params: { path: { run_id: runId }, query: { limit: PAGE, cursor } },
            signal,
          }),
        )
        items.push(...page.items)
        cursor = page.next_cursor ?? undefined
      } while (cursor !== undefined)
      return items
    },
    staleTime: Infinity,
  })
}

/** What the calls below answer: the run, or null when that cannot be read. */
type Answer = Promise<RunDocument | null>

export async function getRun(id: string): Answer {
  return readRun(await call(api.GET('/v1/api/runs/{run_id}', at(id))))
}

/** Run a workflow as it is saved; `queue` waits for the end of the run that is under way. */
export async function startRun(workflowId: string, queue: boolean): Answer {
  const body = queue ? { queue } : {}
  const request = { ...ofWorkflow(workflowId), body, headers: idempotencyKey() }
  return readRun(await call(api.POST('/v1/api/workflows/{workflow_id}/run', request)))
}

/** End a run; `rollback` brings back what was deployed before. */
export async function cancelRun(id: string, rollback = false): Answer {
  const body = rollback ? { rollback } : {}
  return readRun(await call(api.POST('/v1/api/runs/{run_id}/cancel', { ...at(id), body })))
}

/** Do a run again: its version, options and consent. */
export async function retryRun(id: string): Answer {
  return readRun(await call(api.POST('/v1/api/runs/{run_id}/retry', { ...at(id), body: {} })))
}

/** Have the plan done that this digest names. */
export async function confirmPlan(id: string, digest: string, consent: Consent): Answer {
  const body = { digest, consent }
  return readRun(await call(api.POST('/v1/api/runs/{run_id}/confirm', { ...at(id), body })))
}

/** What is planned: the graph as it is saved, or the way back to a version. */
export type Asked = { kind: 'saved' } | { kind: 'rollback'; version: number }

/** Plan; asked again with the same key it plans nothing twice. */
export async function planRun(
  workflowId: string,
  asked: Asked,
  body: Pick<Schema<'PlanBody'>, 'options' | 'consent'>,
  key: string | undefined,
): Answer {
  const headers = idempotencyKey(key)
  const path = { workflow_id: workflowId }
  const answer =
    asked.kind === 'saved'
      ? api.POST('/v1/api/workflows/{workflow_id}/plan', { params: { path }, body, headers })
      : api.POST('/v1/api/workflows/{workflow_id}/versions/{number}/rollback', {
          params: { path: { ...path, number: String(asked.version) } },
          body: { ...body, plan_first: true },
          headers,
        })
  return readRun(await call<Schema<'PublicRun'>>(answer))
}

/** A change of a run, after which lists of runs are asked for again. */
function changeOf<Wanted>(mutationFn: (wanted: Wanted) => Answer) {
  return mutationOptions({
    mutationFn: async (wanted: Wanted, { client }) => {
      const run = await mutationFn(wanted)
      if (run !== null) hearRun(client, run.head.workflowId, run)
      return run
    },
    onSettled: (_data, _error, _wanted, _started, { client }) =>
      client.invalidateQueries({ queryKey: ['runs', 'pages'] }),
  })
}

export function cancelRunMutation(id: string) {
  return changeOf((rollback: boolean) => cancelRun(id, rollback))
}

export const retryRunMutation = changeOf(retryRun)
