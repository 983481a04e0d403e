import { same } from '@/lib/schema/conditions'
import type { Graph } from './types'

/** Whether two graphs draw the same, their lists in the same order; what they share costs no look. */
export function sameGraph(left: Graph, right: Graph): boolean {
  return left === right || (sameItems(left.nodes, right.nodes) && sameItems(left.edges, right.edges))
}

function sameItems<Item>(left: readonly Item[], right: readonly Item[]): boolean {
  if (left === right) return true
  return left.length === right.length && left.every((item, at) => item === right[at] || same(item, right[at]))
}
