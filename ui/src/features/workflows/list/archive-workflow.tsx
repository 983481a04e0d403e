import { useMutation } from '@tanstack/react-query'
import { FormProblem } from '@/components/form/server-errors'
import { ConfirmDialog } from '@/components/ui/dialog'
import { toast } from '@/components/ui/toast'
import { toApiError } from '@/lib/api/error'
import { isRun, workflowStatusMutation, type WorkflowInLife } from '@/api/workflows'
import { DataToGo, useDataToGo } from './data-to-go'

interface ArchiveWorkflowProps {
  workflow: WorkflowInLife
  onClose: () => void
}

/** Asks before a workflow is archived, or taken up again, and says what that does on the cluster. */
export function ArchiveWorkflow({ workflow, onClose }: ArchiveWorkflowProps) {
  const back = workflow.status === 'archived'
  const data = useDataToGo(workflow, !back)
  // a run that failed may have made some of it
  const removes = !back && (workflow.deployed_version !== null || data.hasObjects)
  const { mutate, error, isPending } = useMutation({
    ...workflowStatusMutation(workflow.id),
    onSuccess: (answer) => {
      toast.done(
        isRun(answer)
          ? `${workflow.name} is removed from its cluster, and archived after that.`
          : `${workflow.name} is ${back ? 'a draft again' : 'archived'}.`,
      )
      onClose()
    },
  })
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={back ? `Unarchive ${workflow.name}?` : `Archive ${workflow.name}?`}
      action={back ? 'Unarchive workflow' : 'Archive workflow'}
      busy={isPending}
      refused={data.refused}
      onConfirm={() => mutate({ status: back ? 'draft' : 'archived', data: data.going })}
    >
      {back ? (
        <p>It can be changed and run again. Nothing is on its cluster before you run it.</p>
      ) : (
        <>
          <p>It becomes read-only. Its graph, versions and secret values are kept.</p>
          {removes && (
            <>
              <p className="font-medium text-text">
                What it has in the namespace {workflow.namespace} is removed first.
              </p>
              <DataToGo workflow={workflow} choice={data} />
            </>
          )}
        </>
      )}
      {error && <FormProblem error={toApiError(error)} />}
    </ConfirmDialog>
  )
}
