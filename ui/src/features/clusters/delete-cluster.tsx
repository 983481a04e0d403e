import { useMutation } from '@tanstack/react-query'
import { FormProblem } from '@/components/form/server-errors'
import { ConfirmDialog } from '@/components/ui/dialog'
import { toast } from '@/components/ui/toast'
import { deleteClusterMutation, type Cluster } from '@/api/clusters'
import { toApiError } from '@/lib/api/error'

/** Asks before a cluster is disconnected, and says what that does not do. */
export function DeleteCluster({ cluster, onClose }: { cluster: Cluster; onClose: () => void }) {
  const { mutate, error, isPending } = useMutation({
    ...deleteClusterMutation(cluster.id),
    onSuccess: () => {
      toast.done(`${cluster.name} is deleted.`)
      onClose()
    },
  })
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Delete ${cluster.name}?`}
      action="Delete cluster"
      busy={isPending}
      onConfirm={() => mutate()}
    >
      <p>KubeOrch forgets the cluster and its credentials, and no longer watches it.</p>
      <p className="font-medium text-text">
        What runs there goes on running; workflows that use it cannot be run.
      </p>
      {error && <FormProblem error={toApiError(error)} />}
    </ConfirmDialog>
  )
}
