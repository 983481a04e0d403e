import { zodResolver } from '@hookform/resolvers/zod'
import { useMutation } from '@tanstack/react-query'
import { useForm, useWatch, type Control } from 'react-hook-form'
import { Link, useSearchParams } from 'react-router-dom'
import { FormProblem, saidByFields, showFieldErrors } from '@/components/form/server-errors'
import { Field } from '@/components/ui/field'
import { Input, PasswordInput } from '@/components/ui/input'
import { Banner, useCountdown } from '@/components/ui/panels'
import { usePageTitle } from '@/lib/a11y/page-title'
import { toApiError } from '@/lib/api/error'
import { z } from '@/lib/config/zod'
import { cx } from '@/lib/format/classes'
import { formatDuration } from '@/lib/time/time'
import { registerMutation, type Methods } from '@/api/auth'
import { EntryLayout } from './entry-layout'
import { EmailField, EnterButton } from './entry-parts'
import { MethodsGate } from './methods-gate'
import { SHORTEST_PASSWORD, strengthOf } from './strength'

const Values = z.object({
  name: z.string().trim().min(1, 'Enter your name.').max(80, 'At most 80 characters.'),
  email: z.string().trim().min(1, 'Enter your e-mail address.').includes('@', 'An address has an @ in it.'),
  password: z.string().refine((text) => Array.from(text).length >= SHORTEST_PASSWORD, {
    error: `At least ${SHORTEST_PASSWORD} characters.`,
  }),
  invite: z.string().trim(),
})
type Values = z.infer<typeof Values>
const FIELDS = ['name', 'email', 'password', 'invite'] as const

/** Make an account. */
export function SignupPage() {
  usePageTitle('Sign up')
  const [query] = useSearchParams()
  return (
    <MethodsGate>
      {(methods) =>
        methods.signup === 'closed' && !methods.first_account ? (
          <Closed search={query.toString()} />
        ) : (
          <SignupForm methods={methods} query={query} />
        )
      }
    </MethodsGate>
  )
}

function SignIn({ search }: { search: string }) {
  return (
    <Link to={{ pathname: '/login', search }} className="font-medium text-accent hover:underline">
      Sign in
    </Link>
  )
}

function Closed({ search }: { search: string }) {
  return (
    <EntryLayout title="Sign-up is closed" foot={<SignIn search={search} />}>
      <p className="text-text-muted">
        Accounts are made by an administrator of this installation. Ask one for yours.
      </p>
    </EntryLayout>
  )
}

const LEADS: Record<string, string> = {
  open: 'Everybody who reaches this page may have an account.',
  invite: 'You need an invite. An administrator can make one.',
  domains: 'Open to e-mail addresses of your organisation.',
}

function SignupForm({ methods, query }: { methods: Methods; query: URLSearchParams }) {
  const first = methods.first_account
  const form = useForm({
    resolver: zodResolver(Values),
    defaultValues: { name: '', email: '', password: '', invite: query.get('invite') ?? '' },
  })
  const { mutate, error, isPending } = useMutation({
    ...registerMutation,
    onError: (cause) => showFieldErrors(form, toApiError(cause), FIELDS),
  })
  const problem = error ? toApiError(error) : null
  const wait = useCountdown(problem?.retryAfter ?? null)
  const { errors } = form.formState
  return (
    <EntryLayout
      title={first ? 'Create the first account' : 'Sign up'}
      lead={
        first
          ? 'It becomes the administrator of this installation, and a starter workflow waits in it.'
          : LEADS[methods.signup]
      }
      foot={
        !first && (
          <>
            Already have an account? <SignIn search={query.toString()} />
          </>
        )
      }
    >
      <form
        noValidate
        onSubmit={form.handleSubmit(({ invite, ...values }) =>
          mutate(invite ? { ...values, invite } : values),
        )}
        className="grid gap-4"
      >
        {problem && !saidByFields(problem, FIELDS) && <FormProblem error={problem} />}
        <Field label="Name" error={errors.name?.message}>
          {(control) => <Input {...control} {...form.register('name')} autoComplete="name" />}
        </Field>
        <EmailField error={errors.email?.message} field={form.register('email')} />
        <Field
          label="Password"
          error={errors.password?.message}
          help={!errors.password && <Strength control={form.control} />}
        >
          {(control) => (
            <PasswordInput {...control} {...form.register('password')} autoComplete="new-password" />
          )}
        </Field>
        {methods.signup === 'invite' && !first && (
          <Field
            label="Invite"
            error={errors.invite?.message}
            help="The code from the link that you were sent."
          >
            {(control) => (
              <Input {...control} {...form.register('invite')} autoComplete="off" spellCheck={false} />
            )}
          </Field>
        )}
        {wait > 0 && <Banner tone="warn">Try again in {formatDuration(wait * 1000)}.</Banner>}
        <EnterButton busy={isPending} waiting={wait > 0}>
          {first ? 'Create account' : 'Sign up'}
        </EnterButton>
      </form>
    </EntryLayout>
  )
}

const BARS = ['bg-line', 'bg-status-bad', 'bg-status-warn', 'bg-status-ok'] as const

function Strength({ control }: { control: Control<Values> }) {
  const password = useWatch({ control, name: 'password' })
  if (!password)
    return `At least ${SHORTEST_PASSWORD} characters. A sentence is easy to remember and hard to guess.`
  const { word, level } = strengthOf(password)
  return (
    <span className="flex items-center gap-2">
      <span aria-hidden className="flex w-24 gap-1">
        {[1, 2, 3].map((bar) => (
          <span key={bar} className={cx('h-1 grow rounded-full', bar <= level ? BARS[level] : 'bg-line')} />
        ))}
      </span>
      {word}
    </span>
  )
}
