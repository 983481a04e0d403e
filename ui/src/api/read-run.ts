import { z } from '@/lib/config/zod'

/** How a run ends; nothing follows these. */
const FINAL = ['completed', 'failed', 'cancelled'] as const
export type FinalStatus = (typeof FINAL)[number]

const NodeState = z.object({
  state: z.string(),
  message: z.string().default(''),
  started_at: z.string().nullish(),
  finished_at: z.string().nullish(),
})

const LogLine = z.object({
  at: z.string(),
  level: z.string().default('info'),
  node_id: z.string().nullish(),
  text: z.string(),
})

const Options = z.object({
  create_namespaces: z.boolean().default(true),
  node_seconds: z.number().nullish(),
  total_seconds: z.number().nullish(),
  rerun: z.array(z.string()).default([]),
  rollback_on_failure: z.boolean().default(false),
})

const Consent = z.object({
  takeover: z.array(z.object({ object: z.string(), fields: z.array(z.string()) })).default([]),
  adopt: z.array(z.string()).default([]),
  replace: z.array(z.string()).default([]),
  delete: z.array(z.string()).default([]),
})

const Head = z.object({
  id: z.string(),
  workflow_id: z.string(),
  cluster_id: z.string().default(''),
  namespace: z.string().default(''),
  kind: z.string().default('deploy'),
  status: z.string(),
  waiting: z.boolean().default(false),
  plan_first: z.boolean().default(false),
  plan_digest: z.string().default(''),
  plan_expires_at: z.string().nullish(),
  confirmed_at: z.string().nullish(),
  options: Options.optional(),
  consent: Consent.optional(),
  phase: z.string().nullish(),
  version: z.number(),
  error: z.object({ message: z.string(), code: z.string(), node_id: z.string().nullish() }).nullish(),
  triggered_by: z.object({ kind: z.string().default('user'), name: z.string().default('') }).prefault({}),
  confirmed_by: z.object({ name: z.string().default('') }).nullish(),
  attempts: z.number().default(0),
  cancel_requested: z.boolean().default(false),
  plan_summary: z.record(z.string(), z.number()).default({}),
  created_at: z.string(),
  started_at: z.string().nullish(),
  finished_at: z.string().nullish(),
  duration_seconds: z.number().nullish(),
  node_states: z.record(z.string(), NodeState).optional(),
  logs: z.array(LogLine).optional(),
})

export type RunNode = { state: string; message: string; startedAt: string | null; finishedAt: string | null }
export type LogEntry = { at: string; level: string; nodeId: string | null; text: string }
export type RunFailure = { message: string; code: string; nodeId: string | null }

/** A run's head: everything that lists and updates carry of it. */
export type RunHead = {
  id: string
  workflowId: string
  clusterId: string
  namespace: string
  /** `deploy`, `plan`, `rollback`, `teardown`; a plan that was confirmed is a deploy. */
  kind: string
  status: string
  /** In the queue behind the active run. */
  waiting: boolean
  /** Stops as planned until somebody confirms it. */
  planFirst: boolean
  planDigest: string
  planExpiresAt: string | null
  confirmedAt: string | null
  phase: string | null
  version: number
  error: RunFailure | null
  triggeredBy: string
  /** What has started it: `user`, `api_token`, `webhook`, `schedule`, `rollback`. */
  cause: string
  confirmedBy: string | null
  attempts: number
  cancelRequested: boolean
  planSummary: Record<string, number>
  createdAt: string
  startedAt: string | null
  finishedAt: string | null
  durationSeconds: number | null
}

export type RunOptions = z.infer<typeof Options>
export type Consent = z.infer<typeof Consent>

/** What is known of a run; all but the head is missing where only that was sent. */
export type RunDocument = {
  head: RunHead
  nodes: Record<string, RunNode> | null
  logs: LogEntry[] | null
  options: RunOptions | null
  consent: Consent | null
}

/** Whether a run is a plan that nobody has confirmed: it changes nothing. */
export function isPlan({ planFirst, confirmedAt }: Pick<RunHead, 'planFirst' | 'confirmedAt'>): boolean {
  return planFirst && confirmedAt === null
}

export function isFinal(status: string): status is FinalStatus {
  return (FINAL as readonly string[]).includes(status)
}

/** The run in an answer or update; null when it is none. */
export function readRun(raw: unknown): RunDocument | null {
  const parsed = Head.safeParse(raw)
  if (!parsed.success) return null
  const run = parsed.data
  return {
    head: {
      id: run.id,
      workflowId: run.workflow_id,
      clusterId: run.cluster_id,
      namespace: run.namespace,
      kind: run.kind,
      status: run.status,
      waiting: run.waiting,
      planFirst: run.plan_first,
      planDigest: run.plan_digest,
      planExpiresAt: run.plan_expires_at ?? null,
      confirmedAt: run.confirmed_at ?? null,
      phase: run.phase ?? null,
      version: run.version,
      error: run.error
        ? { message: run.error.message, code: run.error.code, nodeId: run.error.node_id ?? null }
        : null,
      triggeredBy: run.triggered_by.name,
      cause: run.triggered_by.kind,
      confirmedBy: run.confirmed_by?.name ?? null,
      attempts: run.attempts,
      cancelRequested: run.cancel_requested,
      planSummary: run.plan_summary,
      createdAt: run.created_at,
      startedAt: run.started_at ?? null,
      finishedAt: run.finished_at ?? null,
      durationSeconds: run.duration_seconds ?? null,
    },
    nodes: run.node_states
      ? Object.fromEntries(Object.entries(run.node_states).map(([id, state]) => [id, nodeOf(state)]))
      : null,
    logs: run.logs?.map(entryOf) ?? null,
    options: run.options ?? null,
    consent: run.consent ?? null,
  }
}

function nodeOf(state: z.infer<typeof NodeState>): RunNode {
  return {
    state: state.state,
    message: state.message,
    startedAt: state.started_at ?? null,
    finishedAt: state.finished_at ?? null,
  }
}

function entryOf(line: z.infer<typeof LogLine>): LogEntry {
  return { at: line.at, level: line.level, nodeId: line.node_id ?? null, text: line.text }
}

const NodeUpdate = NodeState.extend({ node_id: z.string() })

/** The node and its state in a `node_state` update. */
export function readNode(raw: unknown): { nodeId: string; node: RunNode } | null {
  const parsed = NodeUpdate.safeParse(raw)
  return parsed.success ? { nodeId: parsed.data.node_id, node: nodeOf(parsed.data) } : null
}

/** The line in a `log` update. */
export function readLog(raw: unknown): LogEntry | null {
  const parsed = LogLine.safeParse(raw)
  return parsed.success ? entryOf(parsed.data) : null
}
