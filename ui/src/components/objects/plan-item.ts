import type { Schema } from '@/lib/api/client'
import type { Action } from './actions'
import type { FieldChange } from './diff'

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

/** The items of a plan as it is served. */
export function itemsOf(served: readonly Schema<'PlanItem'>[]): PlanItem[] {
  return served.map(itemOf)
}

/** As many fields of one object as a plan keeps. */
export const MOST_CHANGES = 200
