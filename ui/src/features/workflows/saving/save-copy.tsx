import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { useNavigate } from 'react-router-dom'
import { createWorkflowMutation } from '@/api/workflows'
import { FormProblem } from '@/components/form/server-errors'
import { Button } from '@/components/ui/button'
import { DialogActions, DialogBody } from '@/components/ui/dialog'
import { Field } from '@/components/ui/field'
import { Input } from '@/components/ui/input'
import { toast } from '@/components/ui/toast'
import { toApiError } from '@/lib/api/error'
import { bodyOf } from '../graph/graph'
import { useDraft, useWorkflow } from '../open/hooks'

interface SaveCopyProps {
  onBack: () => void
  /** The copy has what is drawn here. */
  onSaved: () => void
}

/** Saves what is drawn as a workflow of its own, and opens that. */
export function SaveCopy({ onBack, onSaved }: SaveCopyProps) {
  const { name: own, description, cluster_id, namespace, tags } = useWorkflow()
  const drawn = useDraft(({ history }) => history.present)
  const [name, setName] = useState(`${own} (copy)`)
  const navigate = useNavigate()
  const { mutate, isPending, error } = useMutation({
    ...createWorkflowMutation,
    onSuccess: ({ id }) => {
      onSaved()
      toast.done(`Saved as “${name}”. Values of secrets have to be entered there again.`)
      void navigate(`/workflows/${id}`)
    },
  })
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        mutate({ name: name.trim(), description, cluster_id, namespace, tags, ...bodyOf(drawn) })
      }}
    >
      <DialogBody className="grid gap-3">
        {error !== null && <FormProblem error={toApiError(error)} />}
        <Field label="Name of the copy">
          {(control) => (
            <Input {...control} value={name} required onChange={({ target }) => setName(target.value)} />
          )}
        </Field>
      </DialogBody>
      <DialogActions>
        <Button onClick={onBack}>Back</Button>
        <Button variant="primary" type="submit" busy={isPending}>
          Save as copy
        </Button>
      </DialogActions>
    </form>
  )
}
