import { useMutation } from '@tanstack/react-query'
import { FormProblem } from '@/components/form/server-errors'
import { ConfirmDialog } from '@/components/ui/dialog'
import { toast } from '@/components/ui/toast'
import { toApiError } from '@/lib/api/error'
import { useWorkflow } from '../open/hooks'
import { deleteVersionMutation, type VersionItem } from '@/api/versions'

/** Asks before a version is deleted; one in use is refused, and the refusal says by what. */
export function DeleteVersion({ version, onClose }: { version: VersionItem; onClose: () => void }) {
  const workflow = useWorkflow()
  const { mutate, error, isPending } = useMutation({
    ...deleteVersionMutation(workflow.id, version.version),
    onSuccess: () => {
      toast.done(`v${version.version} is deleted.`)
      onClose()
    },
  })
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Delete v${version.version}?`}
      action="Delete version"
      busy={isPending}
      onConfirm={() => mutate()}
    >
      <p>Nobody can come back to it. The canvas and the cluster stay as they are.</p>
      {error && <FormProblem error={toApiError(error)} />}
    </ConfirmDialog>
  )
}
