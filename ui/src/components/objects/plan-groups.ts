import { ACTIONS, type Action, type ActionLook } from './actions'
import type { PlanItem } from './plan-item'

const ORDER = Object.keys(ACTIONS)

export type ItemGroup = { action: Action; items: readonly PlanItem[] }

/** Items by what is done with them, what needs people first; inside of a group as the plan has them. */
export function groupsOf(items: readonly PlanItem[]): ItemGroup[] {
  const found = new Map<Action, PlanItem[]>()
  for (const item of items) found.set(item.action, [...(found.get(item.action) ?? []), item])
  return [...found]
    .map(([action, members]) => ({ action, items: members }))
    .sort((left, right) => ORDER.indexOf(left.action) - ORDER.indexOf(right.action))
}

/** What each node's card says of a plan: of several objects, what needs people most. */
export function marksOf(items: readonly PlanItem[]): Record<string, ActionLook> {
  const found: Record<string, Action> = {}
  for (const { nodeId, action } of items) {
    if (nodeId === null) continue
    const before = found[nodeId]
    if (before === undefined || ORDER.indexOf(action) < ORDER.indexOf(before)) found[nodeId] = action
  }
  return Object.fromEntries(Object.entries(found).map(([nodeId, action]) => [nodeId, ACTIONS[action]]))
}

/** What a plan opens with: what needs people, else what changes; null when all is as it should be. */
export function firstOf(items: readonly PlanItem[]): PlanItem | null {
  return groupsOf(items.filter(({ action }) => action !== 'unchanged'))[0]?.items[0] ?? null
}
