import { useEffect, useRef } from 'react'
import type { FieldValues, Path, UseFormReturn } from 'react-hook-form'
import type { ApiError } from '@/lib/api/error'
import { Banner } from '@/components/ui/panels'

/** The field of a form that a path of the server is about: `kubeconfig.users.ada` is about `kubeconfig`. */
function fieldOf<Name extends string>(path: string, names: readonly Name[]): Name | undefined {
  return names.find((each) => path === each || path.startsWith(`${each}.`))
}

/** Whether the fields of a form say everything that the server complained of; else its sentence must be shown. */
export function saidByFields(error: ApiError, names: readonly string[]): boolean {
  return error.fields.length > 0 && error.fields.every(({ path }) => fieldOf(path, names) !== undefined)
}

/** Hang the server's complaints on the fields of a form that they name. */
export function showFieldErrors<Values extends FieldValues>(
  form: UseFormReturn<Values>,
  error: ApiError,
  names: readonly Path<Values>[],
): void {
  let first = true
  for (const { path, message } of error.fields) {
    const name = fieldOf(path, names)
    if (!name) continue
    const where = path === name ? '' : `${path} `
    form.setError(name, { type: 'server', message: sentence(where + message) }, { shouldFocus: first })
    first = false
  }
}

function sentence(text: string): string {
  const trimmed = text.replace(/^Value error, /, '').trim()
  const start = trimmed.startsWith('kubeconfig')
    ? trimmed
    : trimmed.charAt(0).toUpperCase() + trimmed.slice(1)
  return /[.!?]$/.test(start) ? start : `${start}.`
}

/** What the server said about a form as a whole. It takes focus, so that it is read and seen. */
export function FormProblem({ error, children }: { error: ApiError; children?: React.ReactNode }) {
  const box = useRef<HTMLDivElement>(null)
  useEffect(() => {
    box.current?.focus()
  }, [error])
  return (
    <div ref={box} tabIndex={-1} className="rounded-control">
      <Banner tone="bad" alert>
        {children ?? error.message}
        {error.requestId && error.status >= 500 && (
          <span className="mt-0.5 block text-meta">
            {error.code}, request <code>{error.requestId}</code>
          </span>
        )}
      </Banner>
    </div>
  )
}
