import { zodResolver } from '@hookform/resolvers/zod'
import { useMutation } from '@tanstack/react-query'
import { useForm } from 'react-hook-form'
import { useNavigate } from 'react-router-dom'
import { cloneWorkflowMutation } from '@/api/workflows'
import { FormProblem, saidByFields, showFieldErrors } from '@/components/form/server-errors'
import { Button } from '@/components/ui/button'
import { Dialog, DialogActions, DialogBody } from '@/components/ui/dialog'
import { Field } from '@/components/ui/field'
import { Input } from '@/components/ui/input'
import { toApiError } from '@/lib/api/error'
import { z } from '@/lib/config/zod'
import { useWorkflow } from '../open/hooks'

const MOST = 80
const SUFFIX = ' copy'
const Values = z.object({
  name: z.string().trim().min(1, 'Give the copy a name.').max(MOST, `At most ${MOST} characters.`),
})
const FIELDS = ['name'] as const

/** Asks for the name of a copy, makes it and opens it. */
export function CloneWorkflow({ onClose }: { onClose: () => void }) {
  const workflow = useWorkflow()
  const navigate = useNavigate()
  const form = useForm({
    resolver: zodResolver(Values),
    defaultValues: { name: workflow.name.slice(0, MOST - SUFFIX.length) + SUFFIX },
  })
  const { mutate, error, isPending } = useMutation({
    ...cloneWorkflowMutation(workflow.id),
    onSuccess: (copy) => {
      onClose()
      void navigate(`/workflows/${copy.id}`)
    },
    onError: (cause) => showFieldErrors(form, toApiError(cause), FIELDS),
  })
  const problem = error && toApiError(error)
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Clone ${workflow.name}`}
      description="The graph as it is saved, with cluster and namespace; without secret values, versions and runs."
    >
      <form
        noValidate
        onSubmit={form.handleSubmit(({ name }) => mutate(name))}
        className="flex min-h-0 flex-col"
      >
        <DialogBody className="grid gap-4">
          {problem && !saidByFields(problem, FIELDS) && <FormProblem error={problem} />}
          <Field label="Name of the copy" error={form.formState.errors.name?.message}>
            {(control) => <Input {...control} {...form.register('name')} data-first autoComplete="off" />}
          </Field>
        </DialogBody>
        <DialogActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" busy={isPending}>
            Clone workflow
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  )
}
