import type { Consent, RunDocument } from '@/api/read-run'
import { cancelRun, confirmPlan, planRun, type Asked } from '@/api/runs'
import { toast } from '@/components/ui/toast'
import { announce } from '@/lib/a11y/announce'
import { toApiError, type ApiError } from '@/lib/api/error'
import { newId } from '@/lib/api/send'
import { errorsOf, issuesOf, runInTheWay, type ActionsOn } from '../runs/run-actions'
import { dispatchPlan, type PlanStore } from './plan-store'

/** Stands in the address while the server has not said yet under which id it plans. */
export const NEW = 'new'

export interface PlanActions {
  /** Plan, and show it; `consent` is what a person has agreed to already. */
  plan: (asked?: Asked, consent?: Consent) => Promise<void>
  /** Have the plan done that was looked at. */
  confirm: (runId: string, digest: string, consent: Consent) => Promise<void>
  /** Throw the plan away. */
  discard: (runId: string) => Promise<void>
  /** Show a plan that was made before; null closes it. */
  show: (runId: string | null) => void
}

interface PlansOn extends Omit<ActionsOn, 'show'> {
  store: PlanStore
  /** Write into the address which plan is looked at. */
  show: (runId: string | null) => void
}

/** Asking for plans, and answering them. */
export function createPlanActions({ workflowId, run, issues, store, show }: PlansOn): PlanActions {
  // a request that got no answer may have made the run: asked again with the same key it makes no second one
  let unanswered: string | null = null
  const take = (answer: RunDocument | null) => {
    if (answer !== null) run.dispatch({ type: 'document', run: answer })
  }
  const ask = async (asked: Asked, consent: Consent | undefined) => {
    const key = unanswered ?? newId()
    try {
      const body = { options: store.getState().options, consent }
      const found = await planRun(workflowId, asked, body, key)
      unanswered = null
      if (found === null) throw new Error('The answer of the server cannot be read. Reload the page.')
      take(found)
      dispatchPlan(store, { type: 'asked', runId: found.head.id })
      show(found.head.id)
    } catch (cause) {
      const error = toApiError(cause)
      unanswered = error.status === 0 ? key : null
      refuse(store, error)
    }
  }
  return {
    show,
    plan: async (asked = { kind: 'saved' }, consent) => {
      if (store.getState().asking) return
      dispatchPlan(store, { type: 'ask', asked })
      show(NEW)
      const errors = asked.kind === 'saved' ? errorsOf(issues.getState()) : []
      if (errors.length === 0) {
        await ask(asked, consent)
        return
      }
      const message = 'The graph cannot be planned as it is.'
      dispatchPlan(store, { type: 'refused', refusal: { code: 'issues', message, issues: errors } })
    },
    confirm: async (runId, digest, consent) => {
      dispatchPlan(store, { type: 'confirm' })
      try {
        const found = await confirmPlan(runId, digest, consent)
        dispatchPlan(store, { type: 'confirmed' })
        take(found)
        show(null)
      } catch (cause) {
        const { code, message } = toApiError(cause)
        dispatchPlan(store, { type: 'confirm-refused', code, message })
        announce(message, 'assertive')
      }
    },
    discard: async (runId) => {
      try {
        take(await cancelRun(runId))
        show(null)
        toast.done('The plan was thrown away. Nothing was changed.')
      } catch (cause) {
        toast.failed(toApiError(cause).message)
      }
    },
  }
}

function refuse(store: PlanStore, error: ApiError): void {
  const { code, message } = error
  const refusal = { code, message, issues: issuesOf(error), runId: runInTheWay(error) }
  dispatchPlan(store, { type: 'refused', refusal })
  announce(`There is no plan: ${message}`, 'assertive')
}
