import type { NodeStatus } from '@/api/read-status'
import type { Statuses } from '@/api/workflows'

/** How the nodes are, and how far that can be believed. */
export type StatusState = {
  statuses: Statuses
  /** Whether the first answer is there: before it nothing is known, afterwards what is missing was never deployed. */
  loaded: boolean
  /** Since when this page hears nothing of the workflow, once that is long enough to matter. */
  unheardSince: string | null
}

/** Since when a status may be untrue: its watch is down, or this page hears nothing. */
export function staleSinceOf(status: NodeStatus | undefined, unheardSince: string | null): string | null {
  if (status === undefined) return null
  return status.staleSince ?? unheardSince
}

/** How many nodes are in which state; stale ones count as such, and those never deployed as `not_deployed`. */
export function sumOf(
  nodeIds: readonly string[],
  statuses: Readonly<Record<string, NodeStatus>>,
  unheardSince: string | null,
): Record<string, number> {
  const sum: Record<string, number> = {}
  for (const id of nodeIds) {
    const state = stateOf(statuses[id], unheardSince)
    sum[state] = (sum[state] ?? 0) + 1
  }
  return sum
}

export function stateOf(status: NodeStatus | undefined, unheardSince: string | null): string {
  if (status === undefined) return 'not_deployed'
  return staleSinceOf(status, unheardSince) === null ? status.state : 'stale'
}
