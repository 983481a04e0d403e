import type { FieldChange } from '@/components/diff-view/diff'
import type { Tone } from '@/components/status/states'
import type { Schema } from '@/lib/api/client'

export type Action = Schema<'PlanItem'>['action']
export type Need = NonNullable<Schema<'PlanItem'>['needs']>

/** What a run would do with one object. */
export type PlanItem = {
  index: number
  /** null: a namespace that is made on the way. */
  nodeId: string | null
  /** How plans and consents name it: `Deployment shop/web`. */
  object: string
  kind: string
  namespace: string | null
  name: string
  action: Action
  diff: readonly FieldChange[]
  reason: string
  needs: Need
  conflicts: readonly { field: string; manager: string }[]
}

export function itemOf(served: Schema<'PlanItem'>): PlanItem {
  return {
    index: served.index,
    nodeId: served.node_id,
    object: served.object,
    kind: served.kind,
    namespace: served.namespace,
    name: served.name,
    action: served.action,
    diff: served.diff ?? [],
    reason: served.reason ?? '',
    needs: served.needs ?? '',
    conflicts: served.conflicts ?? [],
  }
}

/** As many fields of one object as a plan keeps. */
export const MOST_CHANGES = 200

export type ActionLook = { glyph: string; word: string; tone: Tone; meaning: string }

/** Every action, what needs people first: sign, word, colour. */
export const ACTIONS: Record<Action, ActionLook> = {
  conflict: { glyph: '!', word: 'Conflict', tone: 'bad', meaning: 'Somebody else has a say in it.' },
  denied: { glyph: '⊘', word: 'Denied', tone: 'bad', meaning: 'The cluster does not permit it.' },
  invalid: { glyph: '⊘', word: 'Refused', tone: 'bad', meaning: 'The cluster does not take it as it is.' },
  replace: { glyph: '±', word: 'Replace', tone: 'warn', meaning: 'It is deleted and made again.' },
  create: { glyph: '+', word: 'Create', tone: 'ok', meaning: 'It does not exist yet.' },
  update: { glyph: '~', word: 'Update', tone: 'warn', meaning: 'Some of its fields change.' },
  prune: { glyph: '−', word: 'Remove', tone: 'bad', meaning: 'The graph has it no longer.' },
  keep: { glyph: '•', word: 'Keep', tone: 'idle', meaning: 'The graph has it no longer, but it stays.' },
  unchanged: { glyph: '=', word: 'Unchanged', tone: 'idle', meaning: 'It is as the graph says.' },
}

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
