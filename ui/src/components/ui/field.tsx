import { OctagonX } from 'lucide-react'
import { useId, type ReactNode } from 'react'

export interface ControlProps {
  id: string
  'aria-invalid': boolean | undefined
  'aria-describedby': string | undefined
}

interface FieldProps {
  label: string
  help?: ReactNode
  error?: string
  optional?: boolean
  children: (control: ControlProps) => ReactNode
}

/** A label, a control, help, and what is wrong with it, joined for screen readers. */
export function Field({ label, help, error, optional = false, children }: FieldProps) {
  const id = useId()
  const described = [error && `${id}-error`, help && `${id}-help`].filter(Boolean).join(' ')
  return (
    <div className="grid gap-1.5">
      <label htmlFor={id} className="flex items-baseline justify-between gap-2 text-dense font-medium">
        {label}
        {optional && <span className="text-meta font-normal text-text-muted">optional</span>}
      </label>
      {children({
        id,
        'aria-invalid': error ? true : undefined,
        'aria-describedby': described || undefined,
      })}
      {error && (
        <p id={`${id}-error`} className="flex items-start gap-1.5 text-meta text-status-bad">
          <OctagonX aria-hidden size={14} className="mt-px shrink-0" />
          {error}
        </p>
      )}
      {help && (
        <p id={`${id}-help`} className="text-meta text-text-muted">
          {help}
        </p>
      )}
    </div>
  )
}
