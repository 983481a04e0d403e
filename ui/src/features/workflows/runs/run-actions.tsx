import { useMutation } from '@tanstack/react-query'
import { Ban, GitCompareArrows, RotateCcw, Workflow as WorkflowIcon } from 'lucide-react'
import { useState } from 'react'
import { Link, useNavigate } from 'react-router-dom'
import { isPlan, type RunHead } from '@/api/read-run'
import { cancelRunMutation, retryRunMutation } from '@/api/runs'
import { FormProblem } from '@/components/form/server-errors'
import { Button, ButtonLink } from '@/components/ui/button'
import { ConfirmDialog } from '@/components/ui/dialog'
import { Checkbox } from '@/components/ui/input'
import { toApiError } from '@/lib/api/error'
import { wayBack } from '../open/runs/describe-run'
import { runInTheWay } from '../open/runs/run-actions'
import { canEnd, canRetry } from './describe'

interface RunActionsProps {
  head: RunHead
  /** The version that is deployed now. */
  deployed: number | null
}

/** What can be done with a run. */
export function RunActions({ head, deployed }: RunActionsProps) {
  const navigate = useNavigate()
  const [ending, setEnding] = useState(false)
  const retry = useMutation({
    ...retryRunMutation,
    onSuccess: (run) => run && void navigate(`/workflows/${run.head.workflowId}/runs/${run.head.id}`),
  })
  const graph = `/workflows/${head.workflowId}`
  const resting = head.status === 'planned'
  const problem = retry.error && toApiError(retry.error)
  const other = problem && runInTheWay(problem)
  return (
    <>
      <div className="flex flex-wrap gap-2">
        <ButtonLink to={resting ? `${graph}?plan=${head.id}` : graph} icon={WorkflowIcon}>
          {resting ? 'Look at it and apply' : 'Open the graph'}
        </ButtonLink>
        {head.version > 1 && (
          <ButtonLink
            to={`${graph}?versions=&from=${head.version - 1}&to=${head.version}`}
            icon={GitCompareArrows}
          >
            Compare with v{head.version - 1}
          </ButtonLink>
        )}
        {canRetry(head) && (
          <Button icon={RotateCcw} busy={retry.isPending} onClick={() => retry.mutate(head.id)}>
            Retry
          </Button>
        )}
        {canEnd(head) && (
          <Button variant="danger" icon={Ban} onClick={() => setEnding(true)}>
            {resting ? 'Discard' : 'Cancel run'}
          </Button>
        )}
      </div>
      {problem && (
        <div className="mt-3 basis-full">
          <FormProblem error={problem}>
            {problem.message}{' '}
            {other !== null && (
              <Link to={`${graph}/runs/${other}`} className="font-medium underline">
                See that run
              </Link>
            )}
          </FormProblem>
        </div>
      )}
      {ending && <EndRun head={head} deployed={deployed} onClose={() => setEnding(false)} />}
    </>
  )
}

/** Asks before a run is ended, and says what stays. */
function EndRun({ head, deployed, onClose }: RunActionsProps & { onClose: () => void }) {
  const [back, setBack] = useState(false)
  const { mutate, error, isPending } = useMutation({ ...cancelRunMutation(head.id), onSuccess: onClose })
  const plan = isPlan(head)
  const way = head.status === 'running' ? wayBack(head, deployed) : null
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={plan ? 'Discard this plan?' : 'Cancel this run?'}
      action={plan ? 'Discard plan' : 'Cancel run'}
      busy={isPending}
      onConfirm={() => mutate(back)}
    >
      <p>{plan ? 'Nothing was changed by it.' : 'What was applied so far stays on the cluster.'}</p>
      {way !== null && (
        <div className="text-text">
          <Checkbox
            label={`Bring back v${way}`}
            help="A run brings back what was deployed before."
            checked={back}
            onChange={({ target }) => setBack(target.checked)}
          />
        </div>
      )}
      {error && <FormProblem error={toApiError(error)} />}
    </ConfirmDialog>
  )
}
