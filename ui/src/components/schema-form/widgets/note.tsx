import { written } from '../locked-field'
import type { WidgetProps } from '../form-state'
import { ABSENT } from '@/lib/schema/conditions'

/** Words in a form; nothing to fill in. */
export function NoteWidget({ field }: WidgetProps) {
  return <p className="text-dense text-text-muted">{field.hint.help}</p>
}

/** A value that only the server sets. */
export function ReadOnlyWidget({ value }: WidgetProps) {
  return (
    <p className="min-h-control rounded-control bg-sunken px-2.5 py-1.5 text-dense break-words">
      {value === ABSENT ? <span className="text-text-muted">Not set</span> : written(value)}
    </p>
  )
}
