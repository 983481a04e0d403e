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

const Head = z.object({
  id: z.string(),
  workflow_id: z.string(),
  status: z.string(),
  phase: z.string().nullish(),
  version: z.number(),
  error: z.object({ message: z.string(), code: z.string(), node_id: z.string().nullish() }).nullish(),
  triggered_by: z.object({ name: z.string().default('') }).prefault({}),
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
  status: string
  phase: string | null
  version: number
  error: RunFailure | null
  triggeredBy: string
  attempts: number
  cancelRequested: boolean
  planSummary: Record<string, number>
  createdAt: string
  startedAt: string | null
  finishedAt: string | null
  durationSeconds: number | null
}

/** What is known of a run; `nodes` and `logs` are missing where only its head was sent. */
export type RunDocument = { head: RunHead; nodes: Record<string, RunNode> | null; logs: LogEntry[] | null }

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
      status: run.status,
      phase: run.phase ?? null,
      version: run.version,
      error: run.error
        ? { message: run.error.message, code: run.error.code, nodeId: run.error.node_id ?? null }
        : null,
      triggeredBy: run.triggered_by.name,
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
