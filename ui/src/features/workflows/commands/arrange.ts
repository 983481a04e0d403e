import { count } from '@/lib/format/numbers'
import { alignedTo, boxAt, distributed, type Alignment, type Box, type Direction } from '../graph/align'
import type { Position } from '../graph/types'
import type { OpenWorkflow } from '../open/open-workflow'

/** Put cards into one line. */
export function align(open: OpenWorkflow, ids: ReadonlySet<string>, alignment: Alignment): void {
  arrange(open, `Align ${count(ids.size, 'node')}`, alignedTo(alignment, boxesOf(open, ids)))
}

/** Make the gaps between cards equal. */
export function distribute(open: OpenWorkflow, ids: ReadonlySet<string>, direction: Direction): void {
  arrange(open, `Distribute ${count(ids.size, 'node')}`, distributed(direction, boxesOf(open, ids)))
}

function arrange(
  { editing, draft }: OpenWorkflow,
  label: string,
  positions: ReadonlyMap<string, Position>,
): void {
  draft.settle()
  editing.move(positions, null, label)
}

function boxesOf({ graph }: OpenWorkflow, ids: ReadonlySet<string>): Box[] {
  return graph
    .getState()
    .graph.nodes.filter((node) => ids.has(node.id))
    .map((node) => boxAt(node.id, node.position))
}
