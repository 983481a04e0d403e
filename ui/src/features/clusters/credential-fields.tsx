import { Controller, useWatch, type UseFormReturn } from 'react-hook-form'
import { Field } from '@/components/ui/field'
import { Checkbox, Input, Textarea } from '@/components/ui/input'
import { Banner } from '@/components/ui/panels'
import type { ClusterValues } from './cluster-form'
import { KubeconfigField } from './kubeconfig-field'

type Form = UseFormReturn<ClusterValues>

/** Sign-in by a kubeconfig. */
export function KubeconfigFields({ form }: { form: Form }) {
  const { errors } = form.formState
  return (
    <div className="grid gap-4">
      <Field
        label="Kubeconfig"
        error={errors.kubeconfig?.message}
        help={
          <>
            Certificates and tokens must stand in it:{' '}
            <code>kubectl config view --raw --flatten --minify</code> prints it so.
          </>
        }
      >
        {(control) => (
          <Controller
            control={form.control}
            name="kubeconfig"
            render={({ field: { value, onChange, onBlur, ref } }) => (
              <KubeconfigField {...control} value={value} onChange={onChange} onBlur={onBlur} ref={ref} />
            )}
          />
        )}
      </Field>
      <Field
        label="Context"
        optional
        error={errors.context?.message}
        help="Its current-context when this is empty."
      >
        {(control) => (
          <Input {...control} {...form.register('context')} autoComplete="off" spellCheck={false} />
        )}
      </Field>
    </div>
  )
}

/** Sign-in by a bearer token. */
export function TokenFields({ form }: { form: Form }) {
  const { errors } = form.formState
  const insecure = useWatch({ control: form.control, name: 'insecure_skip_tls_verify' })
  return (
    <div className="grid gap-4">
      <Field label="API server" error={errors.server?.message}>
        {(control) => (
          <Input
            {...control}
            {...form.register('server')}
            type="url"
            placeholder="https://10.0.0.1:6443"
            autoComplete="off"
            spellCheck={false}
          />
        )}
      </Field>
      <Field
        label="Token"
        error={errors.token?.message}
        help={
          <>
            <code>kubectl create token NAME</code> makes one for a service account. It is stored encrypted and
            never shown again.
          </>
        }
      >
        {(control) => (
          <Textarea
            {...control}
            {...form.register('token')}
            mono
            rows={3}
            autoComplete="off"
            spellCheck={false}
            className="[-webkit-text-security:disc] focus:[-webkit-text-security:none]"
          />
        )}
      </Field>
      <Field
        label="CA certificate"
        optional
        error={errors.ca_certificate?.message}
        help="PEM. For clusters with a CA of their own."
      >
        {(control) => (
          <Textarea
            {...control}
            {...form.register('ca_certificate')}
            mono
            rows={4}
            placeholder="-----BEGIN CERTIFICATE-----"
            autoComplete="off"
            spellCheck={false}
          />
        )}
      </Field>
      <Field
        label="TLS server name"
        optional
        error={errors.tls_server_name?.message}
        help="When the certificate is for another name than the address."
      >
        {(control) => (
          <Input {...control} {...form.register('tls_server_name')} autoComplete="off" spellCheck={false} />
        )}
      </Field>
      <Checkbox
        {...form.register('insecure_skip_tls_verify')}
        label="Do not verify the server's certificate"
      />
      {insecure && (
        <Banner tone="warn">
          Whoever is between here and the cluster can read the token and everything else. This is shown with
          the cluster as long as it lasts.
        </Banner>
      )}
    </div>
  )
}
