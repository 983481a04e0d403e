import { zodResolver } from '@hookform/resolvers/zod'
import { useMutation } from '@tanstack/react-query'
import { useEffect } from 'react'
import { useForm } from 'react-hook-form'
import { FormProblem, saidByFields, showFieldErrors } from '@/components/form/server-errors'
import { Button } from '@/components/ui/button'
import { Dialog, DialogActions, DialogBody } from '@/components/ui/dialog'
import { Field } from '@/components/ui/field'
import { Input, Textarea } from '@/components/ui/input'
import { toast } from '@/components/ui/toast'
import { toApiError } from '@/lib/api/error'
import { z } from '@/lib/config/zod'
import { useWorkflow } from '../open/hooks'
import { saveVersionMutation, type VersionItem } from '@/api/versions'

const Values = z.object({
  name: z.string().trim().max(80, 'At most 80 characters.'),
  tag: z
    .string()
    .trim()
    .max(40, 'At most 40 characters.')
    .regex(/^([A-Za-z0-9][A-Za-z0-9._-]*)?$/, 'Letters, digits, dots, dashes and underscores alone.'),
  description: z.string().max(2000, 'At most 2,000 characters.'),
})

const FIELDS = ['name', 'tag', 'description'] as const

/** Keep what is saved as a version, or name one that is there. */
export function VersionForm({ version, onClose }: { version: VersionItem | null; onClose: () => void }) {
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={version === null ? 'Keep a version' : `Version ${version.version}`}
      description={
        version === null
          ? 'What is saved now, with the secret values of now, to be compared with and brought back.'
          : 'Its graph never changes; what it is called may.'
      }
    >
      <Form version={version} onClose={onClose} />
    </Dialog>
  )
}

function Form({ version, onClose }: { version: VersionItem | null; onClose: () => void }) {
  const workflow = useWorkflow()
  const { id } = workflow
  const form = useForm({
    resolver: zodResolver(Values),
    defaultValues: {
      name: version?.name ?? '',
      tag: version?.tag ?? '',
      description: version?.description ?? '',
    },
  })
  const { mutate, error, isPending } = useMutation({
    ...saveVersionMutation(id, version?.version ?? null),
    onSuccess: (saved) => {
      toast.done(version === null ? `Kept as v${saved.version}.` : `v${saved.version} is named.`)
      onClose()
    },
    onError: (cause) => {
      const refusal = toApiError(cause)
      showFieldErrors(form, refusal, FIELDS)
      if (refusal.code === 'tag-taken')
        form.setError('tag', { type: 'server', message: refusal.message }, { shouldFocus: true })
    },
  })
  const problem = error && toApiError(error)
  const { errors } = form.formState
  const { setFocus } = form
  useEffect(() => setFocus('name'), [setFocus])
  return (
    <form
      noValidate
      onSubmit={form.handleSubmit((values) => mutate(values))}
      className="flex min-h-0 flex-col"
    >
      <DialogBody className="grid gap-4">
        {problem && problem.code !== 'tag-taken' && !saidByFields(problem, FIELDS) && (
          <FormProblem error={problem} />
        )}
        <Field label="Name" optional error={errors.name?.message}>
          {(control) => <Input {...control} {...form.register('name')} autoComplete="off" />}
        </Field>
        <Field
          label="Tag"
          optional
          help="One word, such as 1.4.0; no two versions have the same."
          error={errors.tag?.message}
        >
          {(control) => (
            <Input {...control} {...form.register('tag')} autoComplete="off" spellCheck={false} />
          )}
        </Field>
        <Field label="Description" optional error={errors.description?.message}>
          {(control) => <Textarea {...control} {...form.register('description')} rows={3} />}
        </Field>
      </DialogBody>
      <DialogActions>
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" variant="primary" busy={isPending}>
          {version === null ? 'Keep version' : 'Save'}
        </Button>
      </DialogActions>
    </form>
  )
}
