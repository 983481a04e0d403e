import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { FormProblem } from '@/components/form/server-errors'
import { ConfirmDialog } from '@/components/ui/dialog'
import { toast } from '@/components/ui/toast'
import { toApiError, type ApiError } from '@/lib/api/error'
import { z } from '@/lib/config/zod'
import { count } from '@/lib/format/numbers'
import { deleteWorkflow, workflowKeys, type ObjectsChoice, type WorkflowItem } from '../api'

interface DeleteWorkflowProps {
  workflow: WorkflowItem
  onClose: () => void
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
export function DeleteWorkflow({ workflow, onClose }: DeleteWorkflowProps) {
  const queryClient = useQueryClient()
  const [choice, setChoice] = useState<ObjectsChoice>('teardown')
  /** Once the server has said that there are objects, it is asked what becomes of them. */
  const [owned, setOwned] = useState<Owned | null>(null)
  const asked = owned !== null || workflow.deployed_version !== null
  const { mutate, error, isPending } = useMutation({
    mutationFn: () => deleteWorkflow(workflow.id, asked ? choice : null),
    onSuccess: (run) => {
      toast.done(
        run === undefined
          ? `${workflow.name} is deleted.`
          : `${workflow.name} is removed from its cluster, and deleted after that.`,
      )
      onClose()
      return queryClient.invalidateQueries({ queryKey: workflowKeys.lists })
    },
    onError: (cause) => setOwned((before) => ownedOf(toApiError(cause)) ?? before),
  })
  const problem = error && toApiError(error)
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Delete ${workflow.name}?`}
      action={asked && choice === 'teardown' ? 'Remove and delete' : 'Delete workflow'}
      busy={isPending}
      onConfirm={() => mutate()}
    >
      <p>The graph, its versions and its secret values are deleted.</p>
      {owned !== null && <Objects owned={owned} />}
      {asked && <Choice namespace={workflow.namespace} choice={choice} onChange={setChoice} />}
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

const CHOICES: { value: ObjectsChoice; label: string; help: (namespace: string) => string }[] = [
  {
    value: 'teardown',
    label: 'Remove it from the cluster',
    help: () => 'Volume claims, namespaces and secrets stay, because data is in them.',
  },
  {
    value: 'orphan',
    label: 'Leave it there',
    help: (namespace) => `It goes on running in the namespace ${namespace}, and belongs to nobody here.`,
  },
]

function Choice({
  namespace,
  choice,
  onChange,
}: {
  namespace: string
  choice: ObjectsChoice
  onChange: (choice: ObjectsChoice) => void
}) {
  return (
    <fieldset className="mt-1 grid gap-2.5 text-text">
      <legend className="mb-1.5 text-dense font-medium">What it has on its cluster</legend>
      {CHOICES.map(({ value, label, help }) => (
        <div key={value} className="flex items-start gap-2.5">
          <input
            type="radio"
            id={`objects-${value}`}
            name="objects"
            value={value}
            checked={choice === value}
            onChange={() => onChange(value)}
            aria-describedby={`objects-${value}-help`}
            className="mt-0.5 size-4 shrink-0 accent-accent"
          />
          <div>
            <label htmlFor={`objects-${value}`} className="block text-body">
              {label}
            </label>
            <p id={`objects-${value}-help`} className="text-meta text-text-muted">
              {help(namespace)}
            </p>
          </div>
        </div>
      ))}
    </fieldset>
  )
}
