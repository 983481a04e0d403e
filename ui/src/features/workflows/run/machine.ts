import type { Issue } from '../graph/types'
import { isFinal, type LogEntry, type RunDocument, type RunHead, type RunNode } from './model'

/** Why a run did not start. */
export type Refusal = { code: string; message: string; issues: Issue[] }

export type RunStage = 'idle' | 'starting' | 'queued' | 'running' | 'completed' | 'failed' | 'cancelled'

export type RunState = {
  stage: RunStage
  head: RunHead | null
  nodes: Readonly<Record<string, RunNode>>
  logs: readonly LogEntry[]
  /** Marks of the lines, so that one that was in a snapshot and comes again as an update is not doubled. */
  known: ReadonlySet<string>
  /** Cancelling was asked for and not answered yet. */
  cancelling: boolean
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
  | { type: 'cancel' }
  | { type: 'cancel-refused' }
  | { type: 'dismiss' }

export const MOST_LINES = 5_000

export const NO_RUN: RunState = {
  stage: 'idle',
  head: null,
  nodes: {},
  logs: [],
  known: new Set(),
  cancelling: false,
  refusal: null,
  dismissed: false,
}

/** The next state of the workflow's newest run. What belongs to another run, or comes late, changes nothing. */
export function reduce(state: RunState, event: RunEvent): RunState {
  switch (event.type) {
    case 'start':
      return isActive(state) ? state : { ...NO_RUN, stage: 'starting' }
    case 'refused':
      return state.stage === 'starting'
        ? { ...state, stage: 'idle', refusal: event.refusal }
        : { ...state, refusal: event.refusal }
    case 'document':
      return taken(state, event.run)
    case 'phase':
      return follows(state, event.runId) && state.head !== null && !isFinal(state.stage)
        ? { ...state, stage: 'running', head: { ...state.head, status: 'running', phase: event.phase } }
        : state
    case 'node':
      return follows(state, event.runId)
        ? { ...state, nodes: { ...state.nodes, [event.nodeId]: event.node } }
        : state
    case 'log':
      return follows(state, event.runId) ? { ...state, ...withLines(state, [event.entry]) } : state
    case 'cancel':
      return isActive(state) ? { ...state, cancelling: true } : state
    case 'cancel-refused':
      return { ...state, cancelling: false }
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

function taken(state: RunState, { head, nodes, logs }: RunDocument): RunState {
  const same = state.head?.id === head.id
  if (!same && state.head !== null && state.head.createdAt > head.createdAt) return state
  // a head that was sent before the run ended and arrives after it
  if (same && isFinal(state.stage) && !isFinal(head.status)) return state
  const base = same ? state : NO_RUN
  return {
    ...base,
    stage: stageOf(head.status),
    head,
    nodes: nodes ?? base.nodes,
    ...(logs === null ? {} : withSnapshot(base, logs)),
    cancelling: isFinal(head.status) ? false : base.cancelling || head.cancelRequested,
  }
}

function stageOf(status: string): RunStage {
  if (isFinal(status)) return status
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
