import { isFinal, type LogEntry, type RunDocument, type RunHead, type RunNode } from '@/api/read-run'
import type { Following, Refusal } from './following'

export type RunStage =
  'idle' | 'starting' | 'queued' | 'running' | 'planned' | 'completed' | 'failed' | 'cancelled'

/** The newest run of a workflow as the page shows it. */
export type RunState = {
  stage: RunStage
  head: RunHead | null
  /** Runs in the queue behind it, the next one first. */
  waiting: readonly RunHead[]
  nodes: Readonly<Record<string, RunNode>>
  logs: readonly LogEntry[]
  /** Cancelling was asked for, and the run has not ended yet. */
  cancelling: boolean
  /** With the cancellation, what was deployed before was asked for. */
  goingBack: boolean
  refusal: Refusal | null
  /** The bar of a run that has ended was closed. */
  dismissed: boolean
}

const NO_NODES: RunState['nodes'] = {}
const NO_LOGS: RunState['logs'] = []
const NONE_WAITS: RunState['waiting'] = []

/** What the server tells of the followed run, joined with what was done with it here. */
export function stateOf(
  following: Following,
  run: RunDocument | null,
  waiting: readonly RunHead[] = NONE_WAITS,
): RunState {
  const { starting, cancelling, goingBack, refusal, dismissed } = following
  const head = run?.head ?? null
  return {
    stage: starting ? 'starting' : head === null ? 'idle' : stageOf(head.status),
    head,
    waiting,
    nodes: run?.nodes ?? NO_NODES,
    logs: run?.logs ?? NO_LOGS,
    cancelling: head !== null && !isFinal(head.status) && (cancelling || head.cancelRequested),
    goingBack,
    refusal,
    dismissed,
  }
}

/** Whether something is under way: a second run would be refused. */
export function isActive({ stage }: Pick<RunState, 'stage'>): boolean {
  return stage === 'starting' || stage === 'queued' || stage === 'running'
}

function stageOf(status: string): RunStage {
  if (isFinal(status) || status === 'planned') return status
  return status === 'queued' ? 'queued' : 'running'
}
