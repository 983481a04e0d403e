import { zodResolver } from '@hookform/resolvers/zod'
import { useMutation } from '@tanstack/react-query'
import { PlugZap } from 'lucide-react'
import { useEffect } from 'react'
import { useForm, useWatch } from 'react-hook-form'
import { useNavigate } from 'react-router-dom'
import { useLeaveGuard } from '@/components/form/leave-guard'
import { FormProblem, saidByFields, showFieldErrors } from '@/components/form/server-errors'
import { Page, Panel, usePage } from '@/components/page/page'
import { Button, ButtonLink } from '@/components/ui/button'
import { ConfirmDialog } from '@/components/ui/dialog'
import { Field } from '@/components/ui/field'
import { Checkbox, Input } from '@/components/ui/input'
import { Tabs } from '@/components/ui/tabs'
import { toast } from '@/components/ui/toast'
import { connectClusterMutation, testClusterMutation, testOf } from '@/api/clusters'
import { toApiError } from '@/lib/api/error'
import { bodyOf, ClusterValues, EMPTY, FIELDS } from './cluster-form'
import { KubeconfigFields, TokenFields } from './credential-fields'
import { TestResult } from './test-result'

const CRUMBS = [{ label: 'Clusters', to: '/clusters' }, { label: 'Add cluster' }]

/** Add a cluster: what it is called, how to sign in, a test, and saving. */
export function NewClusterPage() {
  usePage('Add cluster', CRUMBS)
  return (
    <Page title="Add cluster" description="It is tried out before it is saved." narrow>
      <ClusterForm />
    </Page>
  )
}

function ClusterForm() {
  const navigate = useNavigate()
  const form = useForm<ClusterValues>({ resolver: zodResolver(ClusterValues), defaultValues: EMPTY })
  const { errors, isDirty } = form.formState
  const test = useMutation({
    ...testClusterMutation,
    onError: (cause) => showFieldErrors(form, toApiError(cause), FIELDS),
  })
  const save = useMutation({
    ...connectClusterMutation,
    onSuccess: (cluster) => toast.done(`${cluster.name} is added.`),
    onError: (cause) => {
      const error = toApiError(cause)
      // a failed test is shown check by check instead
      if (!testOf(error)) showFieldErrors(form, error, FIELDS)
    },
  })
  const guard = useLeaveGuard(isDirty && !save.isSuccess)
  useEffect(() => {
    // after the guard has seen that everything is saved
    if (save.isSuccess) void navigate('/clusters')
  }, [save.isSuccess, navigate])
  const saveError = save.error && toApiError(save.error)
  const failed = saveError && testOf(saveError)
  const shown = failed ?? test.data
  const problem = saveError && !failed ? saveError : test.error ? toApiError(test.error) : null
  // a result is about what was typed when it was asked for
  const forgetResults = () => {
    if (test.isIdle && save.isIdle) return
    test.reset()
    save.reset()
  }
  const authType = useWatch({ control: form.control, name: 'auth_type' })
  return (
    <form
      noValidate
      onChange={forgetResults}
      onSubmit={form.handleSubmit((values) => {
        test.reset()
        save.mutate(bodyOf(values))
      })}
    >
      <Panel className="grid gap-5 p-5 sm:p-6">
        {problem && !saidByFields(problem, FIELDS) && <FormProblem error={problem} />}
        <Field label="Name" error={errors.name?.message} help="How the cluster is called here.">
          {(control) => (
            <Input
              {...control}
              {...form.register('name')}
              placeholder="staging"
              autoComplete="off"
              spellCheck={false}
              className="sm:max-w-72"
            />
          )}
        </Field>
        <Tabs
          label="Kind of sign-in"
          value={authType}
          onChange={(value) => {
            form.setValue('auth_type', value)
            form.clearErrors()
            forgetResults()
          }}
          tabs={[
            { value: 'kubeconfig', label: 'Kubeconfig', content: <KubeconfigFields form={form} /> },
            { value: 'token', label: 'Server and token', content: <TokenFields form={form} /> },
          ]}
        />
        <Field
          label="Namespace"
          optional
          error={errors.namespace?.message}
          help="New workflows start with it; permissions are tested in it."
        >
          {(control) => (
            <Input
              {...control}
              {...form.register('namespace')}
              placeholder="default"
              autoComplete="off"
              spellCheck={false}
              className="sm:max-w-72"
            />
          )}
        </Field>
        <Checkbox
          {...form.register('is_default')}
          label="Make it the default"
          help="New workflows go there."
        />
        {shown && <TestResult test={shown} />}
      </Panel>
      <div className="mt-4 flex flex-wrap justify-end gap-2">
        <ButtonLink to="/clusters" variant="ghost" className="mr-auto">
          Cancel
        </ButtonLink>
        {shown && !shown.ok && (
          <Button
            busy={save.isPending && save.variables.save_untested}
            onClick={() => void form.handleSubmit((values) => save.mutate(bodyOf(values, true)))()}
          >
            Save although it fails
          </Button>
        )}
        <Button
          icon={PlugZap}
          busy={test.isPending}
          disabled={save.isPending}
          onClick={() =>
            void form.handleSubmit((values) => {
              save.reset()
              test.mutate(bodyOf(values))
            })()
          }
        >
          Test connection
        </Button>
        <Button
          type="submit"
          variant="primary"
          busy={save.isPending && !save.variables.save_untested}
          disabled={test.isPending}
        >
          Save cluster
        </Button>
      </div>
      <ConfirmDialog
        open={guard.state === 'blocked'}
        onOpenChange={(open) => !open && guard.reset?.()}
        title="Leave without saving?"
        action="Leave"
        onConfirm={() => guard.proceed?.()}
      >
        <p>What you typed, with its credentials, is kept nowhere.</p>
      </ConfirmDialog>
    </form>
  )
}
