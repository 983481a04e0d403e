import { align, distribute, type Side } from '../graph/align'
import { count } from '@/lib/format/numbers'
import type { OpenWorkflow } from '../open/open-workflow'

/** Put cards into one line. */
export function aligned({ graph, editing }: OpenWorkflow, ids: ReadonlySet<string>, side: Side): void {
  editing.insert(`Align ${count(ids.size, 'node')}`, align(graph.getState().graph, ids, side), [])
}

/** Make the gaps between cards equal. */
export function distributed({ graph, editing }: OpenWorkflow, ids: ReadonlySet<string>, along: 'across' | 'down'): void {
  editing.insert(`Distribute ${count(ids.size, 'node')}`, distribute(graph.getState().graph, ids, along), [])
}
