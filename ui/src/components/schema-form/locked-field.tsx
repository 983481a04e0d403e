import { Cable } from 'lucide-react'
import { isObject } from '@/lib/schema/conditions'
import { useForm, type Locked } from './form-state'
import type { Field } from './model'

interface GivenProps {
  field: Field
  given: readonly Locked[]
}

/** A field whose value something else gives. */
export function LockedField({ field, given }: GivenProps) {
  return (
    <div
      data-field={field.path}
      tabIndex={-1}
      role="group"
      aria-label={field.title}
      className="col-span-full grid gap-1.5"
    >
      <span className="text-dense font-medium">{field.title}</span>
      <GivenValues field={field} given={given} />
      {field.hint.help !== '' && <p className="text-meta text-text-muted">{field.hint.help}</p>}
    </div>
  )
}

/** Values that something else gives, each with the way there. */
export function GivenValues({ field, given }: GivenProps) {
  const { onJump } = useForm()
  return (
    <ul aria-label={`${field.title}, given`} className="col-span-full grid gap-1">
      {given.map(({ value, from }, index) => (
        <li
          // the same may be given twice
          key={index}
          className="flex min-h-control items-center justify-between gap-2 rounded-control border border-line bg-sunken px-2.5 text-dense"
        >
          <span className="min-w-0 break-words">{written(value)}</span>
          <span className="flex min-w-0 shrink-0 items-center gap-1 text-meta text-text-muted">
            <Cable aria-hidden size={13} />
            {onJump === null ? (
              <span>from {from}</span>
            ) : (
              <button
                type="button"
                onClick={() => onJump(from)}
                className="min-h-6 rounded-control text-accent underline-offset-2 hover:underline"
              >
                from {from}
              </button>
            )}
          </span>
        </li>
      ))}
    </ul>
  )
}

/** A value as a line of words. */
export function written(value: unknown): string {
  if (value === null || value === undefined) return ''
  if (Array.isArray(value)) return value.map(written).join(', ')
  if (isObject(value))
    return Object.entries(value)
      .map(([name, each]) => `${name}: ${written(each)}`)
      .join(', ')
  if (typeof value === 'string') return value
  return typeof value === 'boolean' ? (value ? 'yes' : 'no') : JSON.stringify(value)
}
