import { zodResolver } from '@hookform/resolvers/zod'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { useForm, useWatch } from 'react-hook-form'
import { Link, useNavigate } from 'react-router-dom'
import { FormProblem, saidByFields, showFieldErrors } from '@/components/form/server-errors'
import { Button } from '@/components/ui/button'
import { Dialog, DialogActions, DialogBody } from '@/components/ui/dialog'
import { Field } from '@/components/ui/field'
import { Input, Select, Textarea } from '@/components/ui/input'
import { Banner } from '@/components/ui/panels'
import { clusterChoicesQuery, type Cluster } from '@/api/clusters'
import { toApiError } from '@/lib/api/error'
import { z } from '@/lib/config/zod'
import { NAMESPACE, NAMESPACE_RULE } from '@/lib/format/names'
import { createFromExportMutation } from '@/api/exports'
import { createWorkflowMutation } from '@/api/workflows'
import { fileProblemOf, readFile, refusedFile, type ExportedText } from './exported-file'
import { FileField, StartFrom, type Start } from './start-from'

const Values = z.object({
  name: z.string().trim().min(1, 'Give it a name.').max(80, 'At most 80 characters.'),
  description: z.string().max(2000, 'At most 2,000 characters.'),
  cluster: z.string(),
  namespace: z.string().trim().regex(NAMESPACE, NAMESPACE_RULE),
})

const FIELDS = ['name', 'description', 'namespace'] as const

/** The dialog over the list, opened by its own address. */
export function NewWorkflow({ onClose }: { onClose: () => void }) {
  const { data: clusters, isPending } = useQuery(clusterChoicesQuery)
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="New workflow"
      description="One application: what runs, and how its parts are wired."
    >
      {/* the default cluster is chosen beforehand, so the form waits for the list; without an answer it goes on */}
      {!isPending && <NewWorkflowForm clusters={clusters ?? null} onClose={onClose} />}
    </Dialog>
  )
}

function NewWorkflowForm({ clusters, onClose }: { clusters: Cluster[] | null; onClose: () => void }) {
  const navigate = useNavigate()
  const preset = clusters?.find((cluster) => cluster.is_default)
  const form = useForm({
    resolver: zodResolver(Values),
    defaultValues: {
      name: '',
      description: '',
      cluster: preset?.id ?? '',
      namespace: preset?.namespace ?? 'default',
    },
  })
  const [start, setStart] = useState<Start>('blank')
  const done = {
    onSuccess: (workflow: { id: string }) => navigate(`/workflows/${workflow.id}`, { replace: true }),
    onError: (cause: Error) => showFieldErrors(form, toApiError(cause), FIELDS),
  }
  const blank = useMutation({ ...createWorkflowMutation, ...done })
  const exported = useMutation({ ...createFromExportMutation, ...done })
  const { error, isPending, reset } = start === 'blank' ? blank : exported
  const problem = error && toApiError(error)
  const source = useSource(fileProblemOf(problem), reset, (name) => {
    if (form.getValues('name').trim() === '') form.setValue('name', name)
  })
  const create = form.handleSubmit(({ cluster: id, description, ...values }) => {
    const body = { ...values, cluster_id: id || null }
    if (start === 'blank') blank.mutate({ ...body, description })
    else if (source.found === null) source.ask()
    else exported.mutate({ ...body, text: source.found.text })
  })
  const { errors } = form.formState
  const { setFocus } = form
  useEffect(() => setFocus('name'), [setFocus])
  const chosen = useWatch({ control: form.control, name: 'cluster' })
  const cluster = clusters?.find((each) => each.id === chosen)
  return (
    <form noValidate onSubmit={create} className="flex min-h-0 flex-col">
      <DialogBody className="grid gap-4">
        {problem && !saidByFields(problem, FIELDS) && fileProblemOf(problem) === null && (
          <FormProblem error={problem} />
        )}
        <StartFrom
          start={start}
          onChange={(next) => {
            setStart(next)
            reset()
          }}
        />
        {start === 'file' && (
          <FileField chosen={source.found?.file ?? null} error={source.problem} onFile={source.take} />
        )}
        <Field label="Name" error={errors.name?.message}>
          {(control) => <Input {...control} {...form.register('name')} autoComplete="off" />}
        </Field>
        {start === 'blank' && (
          <Field label="Description" optional error={errors.description?.message}>
            {(control) => <Textarea {...control} {...form.register('description')} rows={2} />}
          </Field>
        )}
        <div className="grid items-start gap-4 sm:grid-cols-2">
          <Field label="Cluster" optional>
            {(control) => (
              <Select {...control} {...form.register('cluster')}>
                <option value="">Choose later</option>
                {clusters?.map(({ id, name }) => (
                  <option key={id} value={id}>
                    {name}
                  </option>
                ))}
              </Select>
            )}
          </Field>
          <Field label="Namespace" error={errors.namespace?.message}>
            {(control) => (
              <Input {...control} {...form.register('namespace')} autoComplete="off" spellCheck={false} />
            )}
          </Field>
        </div>
        <ClusterRemark clusters={clusters} cluster={cluster} />
      </DialogBody>
      <DialogActions>
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" variant="primary" busy={isPending}>
          Create workflow
        </Button>
      </DialogActions>
    </form>
  )
}

/**
 * The file that a workflow is made of.
 * @param refused why the server does not take the one that was sent
 * @param forget forget what the server said, because there is another file now
 */
function useSource(refused: string | null, forget: () => void, onName: (name: string) => void) {
  const [found, setFound] = useState<ExportedText | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  const take = async (file: File) => {
    forget()
    const wrong = refusedFile(file)
    setProblem(wrong)
    setFound(null)
    if (wrong !== null) return
    const read = await readFile(file)
    setFound(read)
    if (read.name !== null) onName(read.name)
  }
  return {
    found,
    problem: problem ?? refused ?? undefined,
    take: (file: File) => void take(file).catch(() => setProblem('It cannot be read. Choose it again.')),
    ask: () => setProblem('Choose the file first.'),
  }
}

function ClusterRemark({ clusters, cluster }: { clusters: Cluster[] | null; cluster: Cluster | undefined }) {
  if (clusters === null)
    return <Banner tone="warn">The clusters could not be listed. You can choose one later.</Banner>
  if (!clusters.length) {
    return (
      <Banner>
        You have no cluster yet. Drawing needs none; to run,{' '}
        <Link to="/clusters/new" className="font-medium underline">
          add one
        </Link>
        .
      </Banner>
    )
  }
  if (cluster && cluster.status !== 'connected' && cluster.status !== 'unknown') {
    return (
      <Banner tone="warn">{cluster.name} does not answer at the moment. You can draw all the same.</Banner>
    )
  }
  return null
}
