import { OctagonX, TriangleAlert } from 'lucide-react'
import type { Said } from './form-state'
import type { Field } from './model'

interface FieldNotesProps {
  id: string
  field: Field
  errors: readonly Said[]
  widget: string
  bare?: boolean
}

/** What is wrong with a field, and what there is to know of it. */
export function FieldNotes({ id, field, errors, widget, bare = false }: FieldNotesProps) {
  const { hint } = field
  const help = bare || widget === 'note' ? '' : hint.help
  return (
    <div id={id} className="grid gap-1 text-meta empty:hidden">
      {errors.map(({ message, severity }) => (
        <Problem key={message} severity={severity}>
          {message}
        </Problem>
      ))}
      {help !== '' && <p className="text-text-muted">{help}</p>}
      {hint.immutable && !bare && (
        <p className="text-text-muted">Fixed once it runs: a change replaces the object.</p>
      )}
    </div>
  )
}

export function Problem({ severity, children }: { severity: string; children: string }) {
  const bad = severity === 'error'
  const Icon = bad ? OctagonX : TriangleAlert
  return (
    <p
      className={
        bad ? 'flex items-start gap-1.5 text-status-bad' : 'flex items-start gap-1.5 text-status-warn'
      }
    >
      <Icon aria-hidden size={14} className="mt-px shrink-0" />
      <span className="min-w-0 break-words">{children}</span>
    </p>
  )
}
