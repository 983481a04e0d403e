import { useMemo } from 'react'
import { toast } from '@/components/ui/toast'
import { announce } from '@/lib/a11y/announce'
import { api, call, idempotencyKey } from '@/lib/api/client'
import { toApiError, type ApiError } from '@/lib/api/error'
import { z } from '@/lib/config/zod'
import { useOpenWorkflow } from '../open-workflow'
import type { Issue } from '../../graph/types'
import { readRun } from '@/api/read-run'
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
  /** Run what is saved now once the active run has ended. */
  runAfter: () => Promise<void>
  /** End the active run; `rollback` brings back what was deployed before. */
  cancel: (rollback?: boolean) => Promise<void>
  /** Take a run out of the queue. */
  withdraw: (runId: string) => Promise<void>
  /** Do the newest run again: its version, options and consent. */
  retry: () => Promise<void>
  /** Show a run that is under way. */
  join: (runId: string) => Promise<void>
}

/** Start and cancel runs of the open workflow; whatever comes of it is in the run store. */
export function useRunActions(): RunActions {
  const { workflow, stores, show, issues } = useOpenWorkflow()
  const { id } = workflow
  const { run: store } = stores

  return useMemo(() => {
    /** Dispatch the run that an answer holds. */
    const take = (answer: unknown) => {
      const found = readRun(answer)
      if (found !== null) dispatch(store, { type: 'document', run: found })
    }
    const join = async (runId: string) => {
      try {
        take(await call(api.GET('/v1/api/runs/{run_id}', { params: { path: { run_id: runId } } })))
      } catch (cause) {
        toast.failed(toApiError(cause).message)
      }
    }
    const begin = async (ask: () => Promise<unknown>) => {
      dispatch(store, { type: 'start' })
      try {
        take(await ask())
      } catch (cause) {
        const error = toApiError(cause)
        if (error.code === 'run-active' && typeof error.details.run_id === 'string') {
          await join(error.details.run_id)
          if (store.getState().stage !== 'starting') {
            toast.done('This workflow is running already: you see that run.')
            return
          }
        }
        const refusal = { code: error.code, message: error.message, issues: issuesOf(error) }
        dispatch(store, { type: 'refused', refusal })
        announce(`The run did not start: ${error.message}`, 'assertive')
        const blamed = refusal.issues.find((issue) => issue.node_id != null)?.node_id
        if (blamed != null) show(blamed)
      }
    }
    const post = (queue: boolean) =>
      call(
        api.POST('/v1/api/workflows/{workflow_id}/run', {
          params: { path: { workflow_id: id } },
          body: queue ? { queue } : {},
          headers: idempotencyKey(),
        }),
      )
    const run = async () => {
      const errors = issues.filter((issue) => issue.severity !== 'warning')
      const [first] = errors
      if (first === undefined) {
        await begin(() => post(false))
        return
      }
      const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : ''
      const message = `It cannot run as it is: ${first.message}${more}`
      dispatch(store, { type: 'refused', refusal: { code: 'issues', message, issues: errors } })
      if (first.node_id != null) show(first.node_id)
    }
    const runAfter = async () => {
      try {
        take(await post(true))
        announce('It runs after the one that is under way.')
      } catch (cause) {
        toast.failed(toApiError(cause).message)
      }
    }
    const end = (runId: string, rollback: boolean) =>
      call(
        api.POST('/v1/api/runs/{run_id}/cancel', {
          params: { path: { run_id: runId } },
          body: rollback ? { rollback } : {},
        }),
      )
    const cancel = async (rollback = false) => {
      const head = store.getState().head
      if (head === null) return
      dispatch(store, { type: 'cancel', rollback })
      try {
        take(await end(head.id, rollback))
      } catch (cause) {
        dispatch(store, { type: 'cancel-refused' })
        toast.failed(toApiError(cause).message)
      }
    }
    const withdraw = async (runId: string) => {
      try {
        take(await end(runId, false))
      } catch (cause) {
        toast.failed(toApiError(cause).message)
      }
    }
    const retry = async () => {
      const head = store.getState().head
      if (head === null) return
      const path = { run_id: head.id }
      await begin(() => call(api.POST('/v1/api/runs/{run_id}/retry', { params: { path }, body: {} })))
    }
    return { run, runAfter, cancel, withdraw, retry, join }
  }, [id, issues, show, store])
}
