import { useMutation, useQuery } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { FormProblem } from '@/components/form/server-errors'
import { Button } from '@/components/ui/button'
import { Dialog, DialogActions, DialogBody } from '@/components/ui/dialog'
import { Checkbox } from '@/components/ui/input'
import { toast } from '@/components/ui/toast'
import { toApiError } from '@/lib/api/error'
import { useWorkflow } from '../open/hooks'
import { sumOf } from './describe'
import { compareQuery, restoreVersionMutation, type VersionItem } from '@/api/versions'

interface RestoreVersionProps {
  version: VersionItem
  onClose: () => void
}

/** Brings a version's graph back onto the canvas; what is saved there now can be kept first. */
export function RestoreVersion({ version, onClose }: RestoreVersionProps) {
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Restore v${version.version} onto the canvas?`}
      description="The graph is saved as it was then. Nothing reaches the cluster before you run it."
    >
      <Restore version={version} onClose={onClose} />
    </Dialog>
  )
}

function Restore({ version, onClose }: RestoreVersionProps) {
  const workflow = useWorkflow()
  const { id, revision, current_version: newest } = workflow
  const { version: number } = version
  const change = useQuery(compareQuery(id, 'saved', `${number}`, String(revision))).data
  const unkept = useQuery(compareQuery(id, `${newest}`, 'saved', String(revision))).data?.identical === false
  const [keep, setKeep] = useState(true)
  const { mutate, error, isPending } = useMutation({
    ...restoreVersionMutation(id, number),
    onSuccess: () => {
      toast.done(`v${number} is on the canvas. The cluster is as it was.`)
      onClose()
    },
  })
  const problem = error && toApiError(error)
  const main = useRef<HTMLButtonElement>(null)
  useEffect(() => main.current?.focus(), [])
  return (
    <>
      <DialogBody className="grid gap-3">
        {problem && (
          <FormProblem error={problem}>
            {problem.code === 'revision-conflict'
              ? `Somebody has saved meanwhile, and nothing was restored. You see their graph now; restore again to replace it. (${problem.message})`
              : undefined}
          </FormProblem>
        )}
        <p className="text-body">
          {change === undefined
            ? 'Looking at what changes …'
            : change.identical
              ? 'What is saved is the same already.'
              : `On the canvas: ${sumOf(change) || 'settings change'}.`}
        </p>
        {unkept && (
          <Checkbox
            label="Keep what is saved now as a version first"
            help="It is no version yet. Not kept, it is gone."
            checked={keep}
            onChange={(event) => setKeep(event.target.checked)}
          />
        )}
      </DialogBody>
      <DialogActions>
        <Button onClick={onClose}>Cancel</Button>
        <Button
          ref={main}
          variant="primary"
          busy={isPending}
          onClick={() => mutate({ revision, keepAs: unkept && keep ? `Before v${number} came back` : null })}
        >
          Restore v{number}
        </Button>
      </DialogActions>
    </>
  )
}
