import type { Readable } from '../view'
import { toast } from '@/components/ui/toast'
import { cancelRun, getRun, retryRun, startRun } from '@/api/runs'
import type { RunDocument } from '@/api/read-run'
import { announce } from '@/lib/a11y/announce'
import { toApiError, type ApiError } from '@/lib/api/error'
import { z } from '@/lib/config/zod'
import type { Issue } from '../../graph/types'
import type { OpenRun } from './open-run'

// what a refusal carries beside its sentence is not described by the API
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

/** The run that is in the way, when a refusal names one. */
export function runInTheWay({ details }: ApiError): string | null {
  return typeof details.run_id === 'string' ? details.run_id : null
}

/** The issues that keep a graph from being run. */
export function errorsOf(issues: readonly Issue[]): Issue[] {
  return issues.filter((issue) => issue.severity !== 'warning')
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

export interface ActionsOn {
  workflowId: string
  run: OpenRun
  issues: Readable<readonly Issue[]>
  show: (nodeId: string) => void
}

/** Starting and cancelling runs of the open workflow; whatever comes of it is in its run. */
export function createRunActions(on: ActionsOn): RunActions {
  const { workflowId, run } = on
  const take = (answer: RunDocument | null) => {
    if (answer !== null) run.dispatch({ type: 'document', run: answer })
  }
  /** Take what is answered; a refusal is said. */
  const attempt = async (ask: () => Promise<RunDocument | null>) => {
    try {
      take(await ask())
      return true
    } catch (cause) {
      toast.failed(toApiError(cause).message)
      return false
    }
  }
  const join = async (runId: string) => {
    await attempt(() => getRun(runId))
  }
  const begin = async (ask: () => Promise<RunDocument | null>) => {
    run.dispatch({ type: 'start' })
    try {
      take(await ask())
    } catch (cause) {
      const error = toApiError(cause)
      const other = error.code === 'run-active' ? runInTheWay(error) : null
      if (other !== null) {
        await join(other)
        if (run.getState().stage !== 'starting') {
          toast.done('This workflow is running already: you see that run.')
          return
        }
      }
      refuse(on, error)
    }
  }
  return {
    join,
    run: async () => {
      const errors = errorsOf(on.issues.getState())
      if (errors.length > 0) refuseIssues(on, errors)
      else await begin(() => startRun(workflowId, false))
    },
    runAfter: async () => {
      if (await attempt(() => startRun(workflowId, true)))
        announce('It runs after the one that is under way.')
    },
    cancel: async (rollback = false) => {
      const { head } = run.getState()
      if (head === null) return
      run.dispatch({ type: 'cancel', rollback })
      if (!(await attempt(() => cancelRun(head.id, rollback)))) run.dispatch({ type: 'cancel-refused' })
    },
    withdraw: async (runId) => {
      await attempt(() => cancelRun(runId))
    },
    retry: async () => {
      const { head } = run.getState()
      if (head !== null) await begin(() => retryRun(head.id))
    },
  }
}

/** The server did not start a run: say why, and show the node that is to blame. */
function refuse({ run, show }: ActionsOn, error: ApiError): void {
  const issues = issuesOf(error)
  run.dispatch({ type: 'refused', refusal: { code: error.code, message: error.message, issues } })
  announce(`The run did not start: ${error.message}`, 'assertive')
  const blamed = issues.find((issue) => issue.node_id != null)?.node_id
  if (blamed != null) show(blamed)
}

/** The graph cannot run as it is, and the server need not be asked. */
function refuseIssues({ run, show }: ActionsOn, issues: Issue[]): void {
  const [first] = issues
  const more = issues.length > 1 ? ` (and ${issues.length - 1} more)` : ''
  const message = `It cannot run as it is: ${first?.message ?? ''}${more}`
  run.dispatch({ type: 'refused', refusal: { code: 'issues', message, issues } })
  if (first?.node_id != null) show(first.node_id)
}
