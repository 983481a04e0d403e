import { useCallback } from 'react'
import { toast } from '@/components/ui/toast'
import { announce } from '@/lib/a11y/announce'
import { api, call, idempotencyKey } from '@/lib/api/client'
import { toApiError, type ApiError } from '@/lib/api/error'
import { z } from '@/lib/config/zod'
import { useOpenWorkflow } from '../canvas/open-workflow'
import type { Issue } from '../graph/types'
import { readRun } from './model'
import { dispatch } from './run-store'

const IssueBody = z.object({
  node_id: z.string().nullish(),
  edge_id: z.string().nullish(),
  path: z.string().default(''),
  code: z.string(),
  severity: z.enum(['error', 'warning']).default('error'),
  message: z.string(),
})

/** The issues that a refusal carries. */
export function issuesOf(error: ApiError): Issue[] {
  const parsed = z.array(IssueBody).safeParse(error.details.issues)
  return parsed.success ? parsed.data : []
}

export interface RunActions {
  run: () => Promise<void>
  cancel: () => Promise<void>
}

/** Start and cancel runs of the open workflow; whatever comes of it is in the run store. */
export function useRunActions(): RunActions {
  const { workflow, stores, show, issues } = useOpenWorkflow()
  const { id } = workflow
  const { run: store } = stores

  const run = useCallback(async () => {
    const errors = issues.filter((issue) => issue.severity !== 'warning')
    const [first] = errors
    if (first !== undefined) {
      const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : ''
      dispatch(store, {
        type: 'refused',
        refusal: {
          code: 'issues',
          message: `It cannot run as it is: ${first.message}${more}`,
          issues: errors,
        },
      })
      if (first.node_id != null) show(first.node_id)
      return
    }
    dispatch(store, { type: 'start' })
    const path = { workflow_id: id }
    try {
      const answer = await call(
        api.POST('/v1/api/workflows/{workflow_id}/run', {
          params: { path },
          body: {},
          headers: idempotencyKey(),
        }),
      )
      const found = readRun(answer)
      if (found !== null) dispatch(store, { type: 'document', run: found })
    } catch (cause) {
      const error = toApiError(cause)
      if (error.code === 'run-active' && typeof error.details.run_id === 'string') {
        await join(error.details.run_id)
        return
      }
      const refusal = { code: error.code, message: error.message, issues: issuesOf(error) }
      dispatch(store, { type: 'refused', refusal })
      announce(`The run did not start: ${error.message}`, 'assertive')
      const blamed = refusal.issues.find((issue) => issue.node_id != null)?.node_id
      if (blamed != null) show(blamed)
    }

    async function join(runId: string) {
      const active = readRun(
        await call(api.GET('/v1/api/runs/{run_id}', { params: { path: { run_id: runId } } })),
      )
      if (active !== null) dispatch(store, { type: 'document', run: active })
      toast.done('This workflow is running already: you see that run.')
    }
  }, [id, issues, show, store])

  const cancel = useCallback(async () => {
    const head = store.getState().head
    if (head === null) return
    dispatch(store, { type: 'cancel' })
    try {
      const path = { run_id: head.id }
      const found = readRun(
        await call(api.POST('/v1/api/runs/{run_id}/cancel', { params: { path }, body: {} })),
      )
      if (found !== null) dispatch(store, { type: 'document', run: found })
    } catch (cause) {
      dispatch(store, { type: 'cancel-refused' })
      toast.failed(toApiError(cause).message)
    }
  }, [store])

  return { run, cancel }
}
