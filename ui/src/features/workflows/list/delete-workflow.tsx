import { useMutation, useQueryClient } from '@tanstack/react-query'
import { FormProblem } from '@/components/form/server-errors'
import { ConfirmDialog } from '@/components/ui/dialog'
import { toast } from '@/components/ui/toast'
import { toApiError } from '@/lib/api/error'
import { deleteWorkflow, workflowKeys, type WorkflowItem } from '../api'

interface DeleteWorkflowProps {
  workflow: WorkflowItem
  onClose: () => void
}

/** Asks before a workflow is deleted, and says what that does not do. */
export function DeleteWorkflow({ workflow, onClose }: DeleteWorkflowProps) {
  const queryClient = useQueryClient()
  const { mutate, error, isPending } = useMutation({
    mutationFn: () => deleteWorkflow(workflow.id),
    onSuccess: () => {
      toast.done(`${workflow.name} is deleted.`)
      onClose()
      return queryClient.invalidateQueries({ queryKey: workflowKeys.lists })
    },
  })
  const deployed = Object.values(workflow.status_counts ?? {}).some((number) => number > 0)
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Delete ${workflow.name}?`}
      action="Delete workflow"
      busy={isPending}
      onConfirm={() => mutate()}
    >
      <p>The graph, its versions and its secret values are deleted.</p>
      {deployed && (
        <p className="font-medium text-text">
          What it has deployed goes on running in the namespace {workflow.namespace}, and is not watched any
          more.
        </p>
      )}
      {error && <FormProblem error={toApiError(error)} />}
    </ConfirmDialog>
  )
}
