import { zodResolver } from '@hookform/resolvers/zod'
import { useMutation } from '@tanstack/react-query'
import { useForm } from 'react-hook-form'
import { Link, Navigate, useSearchParams } from 'react-router-dom'
import { FormProblem, showFieldErrors } from '@/components/form/server-errors'
import { Field } from '@/components/ui/field'
import { PasswordInput } from '@/components/ui/input'
import { Banner, useCountdown } from '@/components/ui/panels'
import { usePageTitle } from '@/lib/a11y/page-title'
import type { ApiError } from '@/lib/api/error'
import { toApiError } from '@/lib/api/error'
import { useAuth } from '@/lib/auth/session'
import { z } from '@/lib/config/zod'
import { formatDuration } from '@/lib/time/time'
import { loginMutation, type Methods } from '@/api/auth'
import { EntryLayout } from './entry-layout'
import { EmailField, EnterButton } from './entry-parts'
import { MethodsGate } from './methods-gate'

const Values = z.object({
  email: z.string().trim().min(1, 'Enter your e-mail address.'),
  password: z.string().min(1, 'Enter your password.'),
})
type Values = z.infer<typeof Values>

/** Sign in by password. */
export function LoginPage() {
  usePageTitle('Sign in')
  const [query] = useSearchParams()
  return (
    <MethodsGate>
      {(methods) =>
        // before the first account there is nothing to sign in to
        methods.first_account ? (
          <Navigate to={{ pathname: '/signup', search: query.toString() }} replace />
        ) : (
          <LoginForm methods={methods} search={query.toString()} />
        )
      }
    </MethodsGate>
  )
}

function LoginForm({ methods, search }: { methods: Methods; search: string }) {
  const ended = useAuth((state) => state.ended)
  const form = useForm({ resolver: zodResolver(Values), defaultValues: { email: '', password: '' } })
  const { mutate, error, isPending } = useMutation({
    ...loginMutation,
    onError: (cause) => {
      const problem = toApiError(cause)
      showFieldErrors(form, problem, ['email', 'password'])
      if (problem.code === 'invalid-credentials') form.resetField('password')
    },
  })
  const problem = error ? toApiError(error) : null
  const wait = useCountdown(problem?.retryAfter ?? null)
  const { errors } = form.formState
  return (
    <EntryLayout
      title="Sign in"
      foot={
        methods.signup !== 'closed' && (
          <>
            No account yet?{' '}
            <Link to={{ pathname: '/signup', search }} className="font-medium text-accent hover:underline">
              Sign up
            </Link>
          </>
        )
      }
    >
      {methods.password ? (
        <form noValidate onSubmit={form.handleSubmit((values) => mutate(values))} className="grid gap-4">
          {!problem && ended === 'expired' && (
            <Banner>Your session has ended. Sign in to go on where you were.</Banner>
          )}
          {problem && <LoginProblem problem={problem} wait={wait} />}
          <EmailField error={errors.email?.message} field={form.register('email')} />
          <Field label="Password" error={errors.password?.message}>
            {(control) => (
              <PasswordInput {...control} {...form.register('password')} autoComplete="current-password" />
            )}
          </Field>
          <EnterButton busy={isPending} waiting={wait > 0}>
            {wait > 0 ? `Wait ${formatDuration(wait * 1000)}` : 'Sign in'}
          </EnterButton>
        </form>
      ) : (
        <Banner tone="warn">
          Sign-in by password is switched off here. Ask an administrator how to sign in.
        </Banner>
      )}
    </EntryLayout>
  )
}

function LoginProblem({ problem, wait }: { problem: ApiError; wait: number }) {
  if (problem.retryAfter !== null && wait === 0) return <Banner>You may try again now.</Banner>
  return <FormProblem error={problem} />
}
