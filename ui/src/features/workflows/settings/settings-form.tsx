import { zodResolver } from '@hookform/resolvers/zod'
import { useMutation, useQuery } from '@tanstack/react-query'
import { RotateCw } from 'lucide-react'
import { useEffect, useState } from 'react'
import { Controller, useForm, useWatch, type UseFormReturn } from 'react-hook-form'
import { clusterChoicesQuery, type Cluster } from '@/api/clusters'
import { changeWorkflowMutation, type Workflow } from '@/api/workflows'
import { useLeaveGuard } from '@/components/form/leave-guard'
import { FormProblem, saidByFields, showFieldErrors } from '@/components/form/server-errors'
import { Panel } from '@/components/page/page'
import { Button } from '@/components/ui/button'
import { ConfirmDialog } from '@/components/ui/dialog'
import { Field } from '@/components/ui/field'
import { Input, Select, Textarea } from '@/components/ui/input'
import { Banner } from '@/components/ui/panels'
import { toast } from '@/components/ui/toast'
import { announce } from '@/lib/a11y/announce'
import { toApiError } from '@/lib/api/error'
import { consequenceOf } from './consequence'
import { TagsField } from './tags-field'
import { changedOf, changesOf, FIELDS, isChanged, SettingsValues, valuesOf } from './values'

type Seen = { base: Workflow; kept: Partial<SettingsValues> }

interface SettingsFormProps {
  /** As it is saved, as far as this page has heard. */
  workflow: Workflow
  /** Ask for it again. */
  onReload: () => Promise<Workflow | undefined>
}

/** What is said of a workflow beside its graph. */
export function SettingsForm({ workflow, onReload }: SettingsFormProps) {
  /** What was last looked at, and what of the form is a change of that from before. */
  const [seen, setSeen] = useState<Seen>({ base: workflow, kept: {} })
  const { base } = seen
  const form = useForm<SettingsValues>({
    resolver: zodResolver(SettingsValues),
    defaultValues: valuesOf(base),
  })
  const { reset } = form
  useEffect(() => reset({ ...valuesOf(seen.base), ...seen.kept }), [reset, seen])
  const values = useWatch({ control: form.control, compute: (all: SettingsValues) => all })
  const dirty = isChanged(changesOf(valuesOf(base), values))
  // nothing typed here is lost by following
  if (!dirty && workflow.revision > base.revision) setSeen({ base: workflow, kept: {} })
  const save = useMutation({
    ...changeWorkflowMutation(base.id),
    onSuccess: (saved) => {
      setSeen({ base: saved, kept: {} })
      toast.done(`The settings of ${saved.name} are saved.`)
    },
    onError: (cause) => showFieldErrors(form, toApiError(cause), FIELDS),
  })
  const guard = useLeaveGuard(dirty)
  const takeIn = async () => {
    const saved = await onReload()
    if (saved === undefined) return
    save.reset()
    setSeen({ base: saved, kept: changedOf(valuesOf(base), form.getValues()) })
    announce('What is saved is loaded. What you have changed here is kept.')
  }
  const discard = () => {
    setSeen({ base, kept: {} })
    save.reset()
  }
  const submit = form.handleSubmit((typed) => {
    const changes = changesOf(valuesOf(base), typed)
    if (isChanged(changes)) save.mutate({ revision: base.revision, changes })
    else discard()
  })
  const archived = workflow.status === 'archived'
  return (
    <form noValidate onSubmit={submit}>
      {archived && (
        <div className="mb-3">
          <Banner>It is archived, and so it is read-only. Unarchive it to change it.</Banner>
        </div>
      )}
      <Panel className="grid gap-5 p-5 sm:p-6">
        <Problem cause={save.error} onReload={takeIn} />
        <Fields form={form} base={base} disabled={archived} />
      </Panel>
      {!archived && (
        <div className="mt-4 flex flex-wrap justify-end gap-2">
          {dirty && <Button onClick={discard}>Discard changes</Button>}
          <Button
            type="submit"
            variant="primary"
            busy={save.isPending}
            refused={!dirty && 'Nothing is changed yet.'}
          >
            Save settings
          </Button>
        </div>
      )}
      <ConfirmDialog
        open={guard.state === 'blocked'}
        onOpenChange={(open) => !open && guard.reset?.()}
        title="Leave without saving?"
        action="Leave"
        onConfirm={() => guard.proceed?.()}
      >
        <p>What you have changed is kept nowhere.</p>
      </ConfirmDialog>
    </form>
  )
}

/** Why it was not saved, when no field says it; after somebody else has saved, the way to go on from that. */
function Problem({ cause, onReload }: { cause: Error | null; onReload: () => Promise<void> }) {
  const [loading, setLoading] = useState(false)
  const error = cause && toApiError(cause)
  if (error === null || saidByFields(error, FIELDS)) return null
  if (error.code !== 'revision-conflict') return <FormProblem error={error} />
  const reload = async () => {
    setLoading(true)
    await onReload()
    setLoading(false)
  }
  return (
    <FormProblem error={error}>
      <span className="block">
        {error.message} Nothing of yours was saved. Load what is saved, look at it, and save again.
      </span>
      <Button icon={RotateCw} busy={loading} onClick={() => void reload()} className="mt-2">
        Load what is saved
      </Button>
    </FormProblem>
  )
}

interface FieldsProps {
  form: UseFormReturn<SettingsValues>
  base: Workflow
  disabled: boolean
}

function Fields({ form, base, disabled }: FieldsProps) {
  const { data: clusters } = useQuery(clusterChoicesQuery)
  const { errors } = form.formState
  const own = { disabled }
  return (
    <>
      <Field label="Name" error={errors.name?.message}>
        {(control) => (
          <Input
            {...control}
            {...own}
            {...form.register('name')}
            autoComplete="off"
            className="sm:max-w-96"
          />
        )}
      </Field>
      <Field label="Description" optional error={errors.description?.message}>
        {(control) => <Textarea {...control} {...own} {...form.register('description')} rows={3} />}
      </Field>
      <div className="grid items-start gap-5 sm:grid-cols-2">
        <Field label="Cluster" optional error={errors.cluster_id?.message}>
          {(control) => (
            <Controller
              control={form.control}
              name="cluster_id"
              render={({ field }) => (
                <Select {...control} {...own} {...field}>
                  <option value="">None</option>
                  <Unlisted clusterId={base.cluster_id} clusters={clusters} />
                  {clusters?.map(({ id, name }) => (
                    <option key={id} value={id}>
                      {name}
                    </option>
                  ))}
                </Select>
              )}
            />
          )}
        </Field>
        <Field
          label="Namespace"
          error={errors.namespace?.message}
          help="Where nodes go that name no namespace of their own."
        >
          {(control) => (
            <Input
              {...control}
              {...own}
              {...form.register('namespace')}
              autoComplete="off"
              spellCheck={false}
            />
          )}
        </Field>
      </div>
      <Consequence form={form} base={base} clusters={clusters ?? []} />
      <Field
        label="Tags"
        optional
        // of several, the first that is wrong
        error={errors.tags?.message ?? errors.tags?.find?.((each) => each !== undefined)?.message}
        help="Enter or a comma adds one."
      >
        {(control) => (
          <Controller
            control={form.control}
            name="tags"
            render={({ field }) => (
              <TagsField control={control} tags={field.value} disabled={disabled} onChange={field.onChange} />
            )}
          />
        )}
      </Field>
    </>
  )
}

/** The cluster a workflow has, when it is not among those that one may choose. */
function Unlisted({
  clusterId,
  clusters,
}: {
  clusterId: string | null
  clusters: readonly Cluster[] | undefined
}) {
  if (clusterId === null || clusters?.some(({ id }) => id === clusterId) === true) return null
  return (
    <option value={clusterId}>
      {clusters === undefined ? 'The one it has now' : 'One that is not listed for you'}
    </option>
  )
}

interface ConsequenceProps {
  form: UseFormReturn<SettingsValues>
  base: Workflow
  clusters: readonly Cluster[]
}

/** What another cluster or namespace means for what is there already. */
function Consequence({ form, base, clusters }: ConsequenceProps) {
  const [clusterId, namespace] = useWatch({ control: form.control, name: ['cluster_id', 'namespace'] })
  const words = consequenceOf({
    before: valuesOf(base),
    after: { cluster_id: clusterId, namespace: namespace.trim() },
    wasRun: base.deployed_version !== null || base.last_run !== null,
    nameOf: (id) => clusters.find((cluster) => cluster.id === id)?.name ?? 'the cluster it has now',
  })
  return words === null ? null : (
    <div role="status">
      <Banner tone="warn">{words}</Banner>
    </div>
  )
}
