import { ACTIONS, type Action } from '@/components/objects/actions'
import type { PlanItem } from '@/components/objects/plan-item'
import type { Ghost } from '../open/canvas-store'

/** The objects that go, or stay behind, of nodes that are drawn no longer. */
export function ghostsOf(items: readonly PlanItem[], drawn: ReadonlySet<string>): Ghost[] {
  return items
    .filter(({ action, nodeId }) => GOING.has(action) && (nodeId === null || !drawn.has(nodeId)))
    .map(({ object, name, kind, action }) => ({ id: object, name, kind, look: ACTIONS[action] }))
}

const GOING: ReadonlySet<Action> = new Set(['prune', 'keep'])
