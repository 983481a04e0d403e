import { z } from '@/lib/config/zod'
import type { NewCluster } from '@/api/clusters'

const NAME = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/
const NAME_RULE = 'Lower-case letters, digits and dashes, with a letter or digit at both ends; 63 at most.'
const LARGEST_KUBECONFIG = 512 * 1024

/** What a person types to add a cluster; only the fields of the chosen kind of sign-in are looked at. */
export const ClusterValues = z
  .object({
    name: z.string().trim().min(1, 'Give it a name.').regex(NAME, NAME_RULE),
    auth_type: z.enum(['kubeconfig', 'token']),
    kubeconfig: z.string().max(LARGEST_KUBECONFIG, 'A kubeconfig is at most 512 KiB.'),
    context: z.string().trim(),
    server: z.string().trim(),
    token: z.string().trim(),
    ca_certificate: z.string().trim(),
    tls_server_name: z.string().trim(),
    insecure_skip_tls_verify: z.boolean(),
    namespace: z
      .string()
      .trim()
      .regex(/^$|^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, NAME_RULE),
    is_default: z.boolean(),
  })
  .superRefine((values, context) => {
    const need = (path: keyof typeof values, message: string) => {
      if (!values[path]) context.addIssue({ code: 'custom', path: [path], message })
    }
    if (values.auth_type === 'kubeconfig') {
      need('kubeconfig', 'Paste a kubeconfig, or choose a file.')
      return
    }
    need('server', 'Enter the address of the API server.')
    need('token', 'Enter a bearer token.')
    if (values.server && !/^https?:\/\/[^\s/]+/.test(values.server)) {
      context.addIssue({ code: 'custom', path: ['server'], message: 'Such as https://10.0.0.1:6443.' })
    }
  })
export type ClusterValues = z.infer<typeof ClusterValues>

export const EMPTY: ClusterValues = {
  name: '',
  auth_type: 'kubeconfig',
  kubeconfig: '',
  context: '',
  server: '',
  token: '',
  ca_certificate: '',
  tls_server_name: '',
  insecure_skip_tls_verify: false,
  namespace: '',
  is_default: false,
}

export const FIELDS = Object.keys(EMPTY) as (keyof ClusterValues)[]

/** The body for the API: the fields of the chosen kind of sign-in, empty ones left out. */
export function bodyOf(values: ClusterValues, saveUntested = false): NewCluster {
  const common = {
    name: values.name,
    auth_type: values.auth_type,
    is_default: values.is_default,
    save_untested: saveUntested,
    ...(values.namespace && { namespace: values.namespace }),
  }
  if (values.auth_type === 'kubeconfig') {
    return { ...common, kubeconfig: values.kubeconfig, ...(values.context && { context: values.context }) }
  }
  return {
    ...common,
    server: values.server,
    token: values.token,
    insecure_skip_tls_verify: values.insecure_skip_tls_verify,
    ...(values.ca_certificate && { ca_certificate: values.ca_certificate }),
    ...(values.tls_server_name && { tls_server_name: values.tls_server_name }),
  }
}
