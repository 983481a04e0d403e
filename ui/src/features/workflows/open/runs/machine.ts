import type { Issue } from '../../graph/types'
import { isFinal, isPlan, type LogEntry, type RunDocument, type RunHead, type RunNode } from '@/api/read-run'

/** Why a run did not start; `runId` is the one that is in its way. */
export type Refusal = { code: string; message: string; issues: Issue[]; runId?: string | null }

export type RunStage =
  'idle' | 'starting' | 'queued' | 'running' | 'planned' | 'completed' | 'failed' | 'cancelled'

export type RunState = {
  stage: RunStage
  head: RunHead | null
  /** Runs in the queue behind it, the next one first. */
  waiting: readonly RunHead[]
  nodes: Readonly<Record<string, RunNode>>
  logs: readonly LogEntry[]
  /** Marks of the lines, so that one that was in a snapshot and comes again as an update is not doubled. */
  known: ReadonlySet<string>
  /** Cancelling was asked for and not answered yet. */
  cancelling: boolean
  /** With the cancellation, what was deployed before was asked for. */
  goingBack: boolean
  refusal: Refusal | null
  /** The bar of a run that has ended was closed. */
  dismissed: boolean
}

export type RunEvent =
  | { type: 'start' }
  | { type: 'refused'; refusal: Refusal }
  | { type: 'document'; run: RunDocument }
  | { type: 'phase'; runId: string; phase: string }
  | { type: 'node'; runId: string; nodeId: string; node: RunNode }
  | { type: 'log'; runId: string; entry: LogEntry }
  | { type: 'cancel'; rollback?: boolean }
  | { type: 'cancel-refused' }
  | { type: 'dismiss' }

export const MOST_LINES = 5_000

export const NO_RUN: RunState = {
  stage: 'idle',
  head: null,
  waiting: [],
  nodes: {},
  logs: [],
  known: new Set(),
  cancelling: false,
  goingBack: false,
  refusal: null,
  dismissed: false,
}

/** The next state of the workflow's newest run. What belongs to another run, or comes late, changes nothing. */
export function reduce(state: RunState, event: RunEvent): RunState {
  switch (event.type) {
    case 'start':
      return isActive(state) ? state : { ...NO_RUN, waiting: state.waiting, stage: 'starting' }
    case 'refused':
      return state.stage === 'starting'
        ? { ...state, stage: 'idle', refusal: event.refusal }
        : { ...state, refusal: event.refusal }
    case 'document':
      return taken(state, event.run)
    case 'phase':
      return follows(state, event.runId) && state.head !== null && isActive(state)
        ? { ...state, stage: 'running', head: { ...state.head, status: 'running', phase: event.phase } }
        : state
    case 'node':
      return follows(state, event.runId)
        ? { ...state, nodes: { ...state.nodes, [event.nodeId]: event.node } }
        : state
    case 'log':
      return follows(state, event.runId) ? { ...state, ...withLines(state, [event.entry]) } : state
    case 'cancel':
      return isActive(state) ? { ...state, cancelling: true, goingBack: event.rollback === true } : state
    case 'cancel-refused':
      return { ...state, cancelling: false, goingBack: false }
    case 'dismiss':
      return isActive(state) ? state : { ...state, dismissed: true, refusal: null }
  }
}

/** Whether something is under way: a second run would be refused. */
export function isActive({ stage }: RunState): boolean {
  return stage === 'starting' || stage === 'queued' || stage === 'running'
}

function follows(state: RunState, runId: string): boolean {
  return state.head?.id === runId
}

function taken(before: RunState, document: RunDocument): RunState {
  const { head } = document
  if (head.waiting && head.status === 'queued') return { ...before, waiting: queued(before.waiting, head) }
  const waited = before.waiting.some(({ id }) => id === head.id)
  const state = waited ? { ...before, waiting: before.waiting.filter(({ id }) => id !== head.id) } : before
  return isLate(state, head) ? state : advanced(state, document)
}

function queued(waiting: readonly RunHead[], head: RunHead): RunHead[] {
  return [...waiting.filter(({ id }) => id !== head.id), head].sort((left, right) =>
    left.createdAt.localeCompare(right.createdAt),
  )
}

/** Whether a head says less than what is known: of an older run, or sent before the run went on and heard after it. */
function isLate({ head: known, stage }: RunState, head: RunHead): boolean {
  if (known === null) return false
  if (known.id !== head.id) return isWithdrawn(head) || began(known) > began(head)
  if (known.confirmedAt !== null && head.confirmedAt === null) return true
  const rests = isFinal(stage) || (stage === 'planned' && isPlan(head))
  return rests && !isFinal(head.status) && head.status !== stage
}

/** Whether a run was taken from the queue before it began: it never was the newest one. */
function isWithdrawn({ status, startedAt }: RunHead): boolean {
  return status === 'cancelled' && startedAt === null
}

/** A plan that is confirmed begins then. */
function began({ confirmedAt, createdAt }: RunHead): string {
  return confirmedAt ?? createdAt
}

function advanced(state: RunState, { head, nodes, logs }: RunDocument): RunState {
  const base = state.head?.id === head.id ? state : { ...NO_RUN, waiting: state.waiting }
  const stage = stageOf(head.status)
  // a plan that was thrown away has left nothing to be told of
  const discarded = isPlan(head) && head.status === 'cancelled'
  return {
    ...base,
    stage,
    head,
    // a plan that rests has done nothing with any node
    nodes: stage === 'planned' ? {} : (nodes ?? base.nodes),
    ...(logs === null ? {} : withSnapshot(base, logs)),
    cancelling: isFinal(head.status) ? false : base.cancelling || head.cancelRequested,
    dismissed: discarded || base.dismissed,
  }
}

function stageOf(status: string): RunStage {
  if (isFinal(status) || status === 'planned') return status
  return status === 'queued' ? 'queued' : 'running'
}

type Lines = Pick<RunState, 'logs' | 'known'>

function markOf({ at, level, nodeId, text }: LogEntry): string {
  return `${at} ${level} ${nodeId ?? ''} ${text}`
}

function withLines(state: Lines, entries: readonly LogEntry[]): Lines {
  const known = new Set(state.known)
  const fresh = entries.filter((entry) => {
    const mark = markOf(entry)
    return !known.has(mark) && known.add(mark)
  })
  return fresh.length === 0 ? state : { logs: [...state.logs, ...fresh].slice(-MOST_LINES), known }
}

/** A snapshot's lines, then those that were heard and are newer than it. */
function withSnapshot(state: Lines, entries: readonly LogEntry[]): Lines {
  return withLines(withLines({ logs: [], known: new Set() }, entries), state.logs)
}
