import { count } from '@/lib/format/numbers'
import type { Consent } from '@/api/read-run'
import { sameOptions, type Answers, type PlanOptions } from '../open/plans/options'
import type { PlanItem } from '@/components/objects/plan-item'

/** What was agreed to, as the server takes it. */
export function consentOf(items: readonly PlanItem[], answers: Answers): Consent {
  const agreed = items.filter(({ object }) => answers[object] === true)
  const named = (need: PlanItem['needs']) =>
    agreed.filter(({ needs }) => needs === need).map(({ object }) => object)
  return {
    takeover: agreed
      .filter(({ needs }) => needs === 'takeover')
      .map(({ object, conflicts }) => ({
        object,
        fields: [...new Set(conflicts.map(({ field }) => field))],
      })),
    adopt: named('adopt'),
    replace: named('replace'),
    delete: named('delete'),
  }
}

/** What was agreed to in either; a later takeover of an object stands beside an earlier one. */
export function joined(left: Consent, right: Consent): Consent {
  const both = (one: string[], other: string[]) => [...new Set([...one, ...other])]
  return {
    takeover: [...left.takeover, ...right.takeover],
    adopt: both(left.adopt, right.adopt),
    replace: both(left.replace, right.replace),
    delete: both(left.delete, right.delete),
  }
}

export type Verdict = {
  /** How many objects applying changes, with what was agreed to. */
  changes: number
  /** Why it cannot be applied; null when it can. */
  refused: string | null
  /** A new plan is what helps: it is too old, or would be another. */
  again: boolean
  /** There is nothing to apply, and nothing that somebody must decide. */
  nothing: boolean
}

const QUIET = new Set<PlanItem['action']>(['unchanged', 'keep'])
const HOPELESS = new Set<PlanItem['action']>(['denied', 'invalid'])

interface Ground {
  items: readonly PlanItem[]
  answers: Answers
  /** How it was planned. */
  planned: PlanOptions
  /** How the run is wanted now. */
  wanted: PlanOptions
  expired: boolean
}

/** Whether a plan can be applied as it is answered, and why not. */
export function verdictOf({ items, answers, planned, wanted, expired }: Ground): Verdict {
  const answered = ({ object }: PlanItem) => answers[object] === true
  const hopeless = items.filter(({ action }) => HOPELESS.has(action))
  const open = items.filter((item) => item.needs !== '' && item.needs !== 'delete' && !answered(item))
  const adopted = items.filter((item) => item.needs === 'adopt' && answered(item))
  const changes = items.filter((item) =>
    QUIET.has(item.action)
      ? answered(item)
      : !HOPELESS.has(item.action) && (item.needs === '' || answered(item)),
  ).length
  const forbidden = planned.create_namespaces
    ? []
    : items.filter(({ nodeId, action }) => nodeId === null && action === 'create')
  const other = !sameOptions(planned, wanted)
  const again = expired || adopted.length > 0 || other
  const blocked = hopeless.length + open.length + forbidden.length
  return { changes, refused: why(), again, nothing: changes === 0 && blocked === 0 }

  function why(): string | null {
    if (expired) return 'The plan is too old: the cluster may have changed. Plan again.'
    if (hopeless.length > 0)
      return `${count(hopeless.length, 'object')} cannot be applied (⊘). Change the graph, then plan again.`
    if (other) return 'Plan again, so that the plan is made with these options.'
    if (forbidden.length > 0)
      return `The namespace ${forbidden[0]?.name ?? ''} does not exist, and this run may not make it.`
    if (open.length > 0)
      return `${count(open.length, 'object')} wait${open.length === 1 ? 's' : ''} for your answer.`
    if (adopted.length > 0) return 'Plan again, to see what adopting changes.'
    return changes === 0 ? 'There is nothing to apply.' : null
  }
}
