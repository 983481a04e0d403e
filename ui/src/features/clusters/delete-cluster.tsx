import { useMutation, useQueryClient } from '@tanstack/react-query'
import { FormProblem } from '@/components/form/server-errors'
import { ConfirmDialog } from '@/components/ui/dialog'
import { toast } from '@/components/ui/toast'
import { clusterKeys, type Cluster } from '@/lib/api/clusters'
import { toApiError } from '@/lib/api/error'
import { deleteCluster } from './api'

/** Asks before a cluster is disconnected, and says what that does not do. */
export function DeleteCluster({ cluster, onClose }: { cluster: Cluster; onClose: () => void }) {
  const queryClient = useQueryClient()
  const { mutate, error, isPending } = useMutation({
    mutationFn: () => deleteCluster(cluster.id),
    onSuccess: () => {
      toast.done(`${cluster.name} is deleted.`)
      onClose()
      return queryClient.invalidateQueries({ queryKey: clusterKeys.all })
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
