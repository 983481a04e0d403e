import { isFinal, isPlan, type RunHead, type RunNode } from '@/api/read-run'
import { isActive, type RunState } from './run-state'

const DONE = new Set(['ready', 'unchanged', 'pruned'])

export type RunCounts = { done: number; failed: number; skipped: number; total: number }

/** How many nodes are how far. */
export function countsOf({ nodes }: RunState): RunCounts {
  const states = Object.values(nodes).map((node) => node.state)
  return {
    done: states.filter((state) => DONE.has(state)).length,
    failed: states.filter((state) => state === 'failed').length,
    skipped: states.filter((state) => state === 'skipped').length,
    total: states.length,
  }
}

export type Awaited = { nodeId: string; message: string; since: string | null }

/** What the run is waiting for, the longest wait first. */
export function awaited(state: RunState): Awaited[] {
  if (state.stage !== 'running') return []
  return Object.entries(state.nodes)
    .filter(([, node]) => node.state === 'waiting')
    .map(([nodeId, node]) => ({ nodeId, message: node.message, since: node.startedAt }))
    .sort((left, right) => (left.since ?? '').localeCompare(right.since ?? ''))
}

/** What a node's card says of the run: everything while it lasts, afterwards only what did not succeed. */
export function markOnCard(state: RunState, nodeId: string): string | null {
  const node = state.nodes[nodeId]
  if (node === undefined || state.dismissed) return null
  // a plan changes nothing, so it has nothing to say but what is wrong
  if (state.head !== null && isPlan(state.head) && state.stage !== 'failed') return null
  if (isActive(state)) return node.state
  return node.state === 'failed' || (node.state === 'skipped' && state.stage === 'failed') ? node.state : null
}

/** Milliseconds since the run began, or how long it took. */
export function elapsedOf({ head }: Pick<RunState, 'head'>, now: number): number {
  if (head === null) return 0
  if (head.durationSeconds !== null) return head.durationSeconds * 1_000
  const began = Date.parse(head.startedAt ?? head.createdAt)
  const ended = head.finishedAt !== null && isFinal(head.status) ? Date.parse(head.finishedAt) : now
  return Math.max(0, ended - began)
}

/** The word of the stage, the phase while there is one. */
export function wordOf({ stage, head }: RunState): string {
  return stage === 'running' ? (head?.phase ?? 'running') : stage
}

/** The version that a run which goes wrong can be undone with; null when there is none to go back to. */
export function wayBack(head: RunHead, deployed: number | null): number | null {
  const leads = head.kind === 'deploy' && !isPlan(head)
  return leads && deployed !== head.version ? deployed : null
}

/** What a run does, in short: "v3", "back to v2", "removal". */
export function aimOf({ kind, version }: RunHead): string {
  if (kind === 'teardown') return 'removal'
  return kind === 'rollback' ? `back to v${version}` : `v${version}`
}

/** Whether a run has removed an object of some node. */
export function hasRemoved(nodes: Readonly<Record<string, RunNode>> | null): boolean {
  return Object.values(nodes ?? {}).some(({ state }) => state === 'pruned')
}

const DONE_WORDS: Record<string, string> = {
  create: 'created',
  update: 'updated',
  replace: 'replaced',
  unchanged: 'unchanged',
  prune: 'removed',
  keep: 'kept',
}
const TO_DO_WORDS: Record<string, string> = {
  ...DONE_WORDS,
  create: 'to create',
  update: 'to update',
  replace: 'to replace',
  prune: 'to remove',
  conflict: 'in conflict',
  denied: 'denied',
  invalid: 'refused',
}

/** What a run did, in words: "1 created, 2 unchanged". */
export function summaryOf(summary: Record<string, number>): string {
  return inWords(summary, DONE_WORDS)
}

/** What a plan would do: "1 to create, 2 unchanged". */
export function intentOf(summary: Record<string, number>): string {
  return inWords(summary, TO_DO_WORDS)
}

function inWords(summary: Record<string, number>, words: Record<string, string>): string {
  return Object.entries(summary)
    .filter(([, count]) => count > 0)
    .map(([action, count]) => `${count} ${words[action] ?? action}`)
    .join(', ')
}
