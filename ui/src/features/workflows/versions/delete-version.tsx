import { useMutation, useQueryClient } from '@tanstack/react-query'
import { FormProblem } from '@/components/form/server-errors'
import { ConfirmDialog } from '@/components/ui/dialog'
import { toast } from '@/components/ui/toast'
import { toApiError } from '@/lib/api/error'
import { useOpenWorkflow } from '../open/open-workflow'
import { deleteVersion, versionKeys, type VersionItem } from './queries'

/** Asks before a version is deleted; one in use is refused, and the refusal says by what. */
export function DeleteVersion({ version, onClose }: { version: VersionItem; onClose: () => void }) {
  const { workflow } = useOpenWorkflow()
  const queries = useQueryClient()
  const { mutate, error, isPending } = useMutation({
    mutationFn: () => deleteVersion(workflow.id, version.version),
    onSuccess: () => {
      toast.done(`v${version.version} is deleted.`)
      onClose()
      return queries.invalidateQueries({ queryKey: versionKeys.list(workflow.id) })
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
