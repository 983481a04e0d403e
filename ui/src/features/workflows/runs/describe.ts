import { isFinal, isPlan, type RunHead, type RunNode } from '@/api/read-run'
import { elapsedOf } from '../open/runs/describe-run'

const KINDS: Record<string, string> = {
  deploy: 'Deploy',
  plan: 'Plan',
  rollback: 'Rollback',
  teardown: 'Removal',
}

/** What a run is for; a plan that was confirmed is a deploy. */
export function kindOf(head: RunHead): string {
  return isPlan(head) && head.kind === 'deploy' ? 'Plan' : (KINDS[head.kind] ?? head.kind)
}

const CAUSES: Record<string, string> = {
  api_token: 'by a token',
  webhook: 'by a webhook',
  schedule: 'by its schedule',
  rollback: 'after a run that failed',
}

/** Who or what has started a run. */
export function startedBy({ triggeredBy, cause }: RunHead): string {
  const words = [triggeredBy, CAUSES[cause] ?? ''].filter((part) => part !== '').join(', ')
  return words === '' ? 'Unknown' : words.charAt(0).toUpperCase() + words.slice(1)
}

/** The word under which its state is drawn: the phase while there is one. */
export function stateOf({ status, phase }: RunHead): string {
  return status === 'running' ? (phase ?? 'running') : status
}

/** Milliseconds that it took or has taken so far; null while it waits for somebody. */
export function tookOf(head: RunHead, now: number): number | null {
  if (head.durationSeconds === null && (head.status === 'planned' || head.startedAt === null)) return null
  return elapsedOf({ head }, now)
}

/** Whether it can be ended. */
export function canEnd({ status, cancelRequested }: RunHead): boolean {
  return !isFinal(status) && !cancelRequested
}

/** Whether it may be done again: it has ended, and not well. */
export function canRetry(head: RunHead): boolean {
  return !isPlan(head) && (head.status === 'failed' || head.status === 'cancelled')
}

export type Step = {
  nodeId: string
  node: RunNode
  /** Where it begins and how long it is, in parts of the whole run; null: it has not begun. */
  bar: { from: number; length: number } | null
}

/** The steps of a run in the order in which they began; those that have not come last. */
export function stepsOf(nodes: Readonly<Record<string, RunNode>>, now: number): Step[] {
  const begun = (node: RunNode) => (node.startedAt === null ? Infinity : Date.parse(node.startedAt))
  const ended = (node: RunNode) => (node.finishedAt === null ? now : Date.parse(node.finishedAt))
  const all = Object.entries(nodes).sort(
    ([oneId, one], [otherId, other]) =>
      (begun(one) === begun(other) ? 0 : begun(one) - begun(other)) || oneId.localeCompare(otherId),
  )
  const known = all.map(([, node]) => node).filter((node) => node.startedAt !== null)
  const first = Math.min(...known.map(begun))
  const whole = Math.max(1, ...known.map((node) => ended(node) - first))
  return all.map(([nodeId, node]) => ({
    nodeId,
    node,
    bar:
      node.startedAt === null
        ? null
        : {
            from: (begun(node) - first) / whole,
            length: Math.max(0, ended(node) - begun(node)) / whole,
          },
  }))
}
