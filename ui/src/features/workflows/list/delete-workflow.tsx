import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { FormProblem } from '@/components/form/server-errors'
import { ConfirmDialog } from '@/components/ui/dialog'
import { toast } from '@/components/ui/toast'
import { toApiError, type ApiError } from '@/lib/api/error'
import { z } from '@/lib/config/zod'
import { count } from '@/lib/format/numbers'
import { deleteWorkflowMutation, type ObjectsChoice, type WorkflowInLife } from '@/api/workflows'
import { DataToGo, useDataToGo } from './data-to-go'
import { ObjectsChoiceField } from './objects-choice'

interface DeleteWorkflowProps {
  workflow: WorkflowInLife
  onClose: () => void
  /** It is gone: no run has to remove anything first. */
  onGone?: () => void
}

const Owned = z.object({ objects: z.array(z.string()), total: z.number() })
type Owned = z.infer<typeof Owned>

/** What a workflow has on its cluster, when a refusal to delete it says so. */
export function ownedOf(error: ApiError | null): Owned | null {
  if (error?.code !== 'objects-exist') return null
  const parsed = Owned.safeParse(error.details)
  return parsed.success ? parsed.data : { objects: [], total: 0 }
}

/** Asks before a workflow is deleted, and what becomes of what it has on its cluster. */
export function DeleteWorkflow({ workflow, onClose, onGone }: DeleteWorkflowProps) {
  const [choice, setChoice] = useState<ObjectsChoice>('teardown')
  /** Once the server has said that there are objects, it is asked what becomes of them. */
  const [owned, setOwned] = useState<Owned | null>(null)
  const asked = owned !== null || workflow.deployed_version !== null
  const teardown = asked && choice === 'teardown'
  const data = useDataToGo(workflow, teardown)
  const { mutate, error, isPending } = useMutation({
    ...deleteWorkflowMutation(workflow.id),
    onSuccess: (run) => {
      toast.done(
        run === null
          ? `${workflow.name} is deleted.`
          : `${workflow.name} is removed from its cluster, and deleted after that.`,
      )
      onClose()
      if (run === null) onGone?.()
    },
    onError: (cause) => setOwned((before) => ownedOf(toApiError(cause)) ?? before),
  })
  const problem = error && toApiError(error)
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Delete ${workflow.name}?`}
      action={teardown ? 'Remove and delete' : 'Delete workflow'}
      busy={isPending}
      refused={data.refused}
      onConfirm={() => mutate({ objects: asked ? choice : null, data: data.going })}
    >
      <p>The graph, its versions and its secret values are deleted.</p>
      {owned !== null && <Objects owned={owned} />}
      {asked && <ObjectsChoiceField namespace={workflow.namespace} choice={choice} onChange={setChoice} />}
      {teardown && <DataToGo workflow={workflow} choice={data} />}
      {problem && problem.code !== 'objects-exist' && <FormProblem error={problem} />}
    </ConfirmDialog>
  )
}

const MOST = 6

function Objects({ owned: { objects, total } }: { owned: Owned }) {
  const more = total - Math.min(objects.length, MOST)
  return (
    <div role="status" className="text-text">
      <p className="font-medium">It has {count(total, 'object')} on its cluster:</p>
      <ul className="mt-1 text-dense wrap-anywhere">
        {objects.slice(0, MOST).map((name) => (
          <li key={name}>{name}</li>
        ))}
        {more > 0 && <li className="text-text-muted">and {more} more</li>}
      </ul>
    </div>
  )
}
