import { zodResolver } from '@hookform/resolvers/zod'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useEffect } from 'react'
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
import { createWorkflowMutation } from '@/api/workflows'

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
  const { mutate, error, isPending } = useMutation({
    ...createWorkflowMutation,
    onSuccess: (workflow) => navigate(`/workflows/${workflow.id}`, { replace: true }),
    onError: (cause) => showFieldErrors(form, toApiError(cause), FIELDS),
  })
  const problem = error && toApiError(error)
  const { errors } = form.formState
  const { setFocus } = form
  useEffect(() => setFocus('name'), [setFocus])
  const chosen = useWatch({ control: form.control, name: 'cluster' })
  const cluster = clusters?.find((each) => each.id === chosen)
  return (
    <form
      noValidate
      onSubmit={form.handleSubmit(({ cluster: id, ...values }) =>
        mutate({ ...values, cluster_id: id || null }),
      )}
      className="flex min-h-0 flex-col"
    >
      <DialogBody className="grid gap-4">
        {problem && !saidByFields(problem, FIELDS) && <FormProblem error={problem} />}
        <Field label="Name" error={errors.name?.message}>
          {(control) => <Input {...control} {...form.register('name')} autoComplete="off" />}
        </Field>
        <Field label="Description" optional error={errors.description?.message}>
          {(control) => <Textarea {...control} {...form.register('description')} rows={2} />}
        </Field>
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
