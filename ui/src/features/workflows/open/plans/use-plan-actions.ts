import { useCallback, useEffect, useMemo, useRef } from 'react'
import { toast } from '@/components/ui/toast'
import { announce } from '@/lib/a11y/announce'
import { api, call, idempotencyKey } from '@/lib/api/client'
import { toApiError } from '@/lib/api/error'
import { useOpenWorkflow } from '../open-workflow'
import { readRun, type Consent } from '@/api/read-run'
import { dispatch } from '../runs/run-store'
import { issuesOf } from '../runs/use-run-actions'
import type { Asked } from './machine'
import { dispatchPlan } from './plan-store'

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

/** Ask for plans, and answer them; `onShow` writes into the address which one is looked at. */
export function usePlanActions(onShow: (runId: string | null) => void): PlanActions {
  const { workflow, stores, issues } = useOpenWorkflow()
  const { id } = workflow
  const { plan: store, run: runs } = stores
  const latest = useRef(onShow)
  useEffect(() => {
    latest.current = onShow
  })
  // what is shown after an answer is written into the address of then
  const show = useCallback((runId: string | null) => latest.current(runId), [])
  // a request that got no answer may have made the run: asked again with the same key it makes no second one
  const unanswered = useRef<string | undefined>(undefined)

  const plan = useCallback(
    async (asked: Asked = { kind: 'saved' }, consent?: Consent) => {
      if (store.getState().asking) return
      dispatchPlan(store, { type: 'ask', asked })
      show(NEW)
      const errors = asked.kind === 'saved' ? issues.filter((issue) => issue.severity !== 'warning') : []
      if (errors.length > 0) {
        const message = 'The graph cannot be planned as it is.'
        dispatchPlan(store, { type: 'refused', refusal: { code: 'issues', message, issues: errors } })
        return
      }
      const headers = idempotencyKey(unanswered.current)
      const body = { options: store.getState().options, consent }
      try {
        const answer = await call(
          asked.kind === 'saved'
            ? api.POST('/v1/api/workflows/{workflow_id}/plan', {
                params: { path: { workflow_id: id } },
                body,
                headers,
              })
            : api.POST('/v1/api/workflows/{workflow_id}/versions/{number}/rollback', {
                params: { path: { workflow_id: id, number: String(asked.version) } },
                body: { ...body, plan_first: true },
                headers,
              }),
        )
        unanswered.current = undefined
        const found = readRun(answer)
        if (found === null) throw new Error('The answer of the server cannot be read. Reload the page.')
        dispatch(runs, { type: 'document', run: found })
        dispatchPlan(store, { type: 'asked', runId: found.head.id })
        show(found.head.id)
      } catch (cause) {
        const error = toApiError(cause)
        unanswered.current = error.status === 0 ? headers['Idempotency-Key'] : undefined
        const runId = typeof error.details.run_id === 'string' ? error.details.run_id : null
        dispatchPlan(store, {
          type: 'refused',
          refusal: { code: error.code, message: error.message, issues: issuesOf(error), runId },
        })
        announce(`There is no plan: ${error.message}`, 'assertive')
      }
    },
    [id, store, runs, issues, show],
  )

  const confirm = useCallback(
    async (runId: string, digest: string, consent: Consent) => {
      dispatchPlan(store, { type: 'confirm' })
      try {
        const found = readRun(
          await call(
            api.POST('/v1/api/runs/{run_id}/confirm', {
              params: { path: { run_id: runId } },
              body: { digest, consent },
            }),
          ),
        )
        dispatchPlan(store, { type: 'confirmed' })
        if (found !== null) dispatch(runs, { type: 'document', run: found })
        show(null)
      } catch (cause) {
        const { code, message } = toApiError(cause)
        dispatchPlan(store, { type: 'confirm-refused', code, message })
        announce(message, 'assertive')
      }
    },
    [store, runs, show],
  )

  const discard = useCallback(
    async (runId: string) => {
      try {
        const path = { run_id: runId }
        const found = readRun(
          await call(api.POST('/v1/api/runs/{run_id}/cancel', { params: { path }, body: {} })),
        )
        if (found !== null) dispatch(runs, { type: 'document', run: found })
        show(null)
        toast.done('The plan was thrown away. Nothing was changed.')
      } catch (cause) {
        toast.failed(toApiError(cause).message)
      }
    },
    [runs, show],
  )

  return useMemo(() => ({ plan, confirm, discard, show }), [plan, confirm, discard, show])
}
