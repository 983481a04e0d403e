import { useId } from 'react'
import { Select } from '@/components/ui/input'
import { ABSENT, same } from '@/lib/schema/conditions'
import type { WidgetProps } from '../form-state'
import { choicesIn } from '../model'
import { inputText } from './values'

type Choice = { key: string; value: unknown; label: string }

/** What may be chosen, and what is chosen although it may not be. */
function choicesOf({ field, value }: WidgetProps): Choice[] {
  const listed = field.schema.type === 'boolean' ? [true, false] : (choicesIn(field.schema) ?? [])
  const known = listed.map((each) => ({ key: JSON.stringify(each), value: each, label: labelOf(each) }))
  if (value === ABSENT || value === null || listed.some((each) => same(each, value))) return known
  return [...known, { key: JSON.stringify(value), value, label: `${inputText(value)} (not known)` }]
}

function labelOf(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'Yes' : 'No'
  return value === '' ? 'Empty' : inputText(value)
}

function emptyLabel({ field }: WidgetProps): string {
  if (field.schema.default !== undefined) return `${labelOf(field.schema.default)} (default)`
  return field.required ? 'Choose …' : 'Not set'
}

/** One of several. */
export function SelectWidget(props: WidgetProps) {
  const { field, value, control, readOnly, set } = props
  const choices = choicesOf(props)
  const chosen = value === ABSENT || value === null ? '' : JSON.stringify(value)
  return (
    <Select
      {...control}
      value={chosen}
      disabled={readOnly}
      onChange={(event) => {
        const choice = choices.find(({ key }) => key === event.target.value)
        if (choice) set(choice.value)
        else if (field.place === 'member') set(ABSENT)
      }}
    >
      {(chosen === '' || field.place === 'member') && <option value="">{emptyLabel(props)}</option>}
      {choices.map(({ key, label }) => (
        <option key={key} value={key}>
          {label}
        </option>
      ))}
    </Select>
  )
}

/** One of a few, all in sight. */
export function RadioWidget(props: WidgetProps) {
  const { field, value, control, readOnly, set } = props
  const name = useId()
  const choices = choicesOf(props)
  const applies = value === ABSENT ? field.schema.default : value
  return (
    <div
      role="radiogroup"
      id={control.id}
      aria-label={field.title}
      aria-describedby={control['aria-describedby']}
      className="flex flex-wrap gap-x-4 gap-y-1"
    >
      {choices.map(({ key, value: each, label }) => (
        <label key={key} className="flex min-h-6 items-center gap-2 text-body">
          <input
            type="radio"
            name={name}
            checked={same(applies, each)}
            disabled={readOnly}
            onChange={() => set(each)}
            className="size-4 accent-accent"
          />
          {label}
        </label>
      ))}
    </div>
  )
}

/** Yes or no. Where neither is the default, not said is a third choice. */
export function ToggleWidget(props: WidgetProps) {
  const { field, value, control, readOnly, set } = props
  const fallback = field.schema.default
  if (typeof fallback !== 'boolean' || (value !== ABSENT && typeof value !== 'boolean'))
    return <SelectWidget {...props} />
  const checked = typeof value === 'boolean' ? value : fallback
  return (
    <span className="flex min-h-6 items-center gap-2 text-body">
      <input
        {...control}
        type="checkbox"
        checked={checked}
        disabled={readOnly}
        onChange={(event) => set(event.target.checked)}
        className="size-4 accent-accent"
      />
      <span aria-hidden className="text-dense text-text-muted">
        {checked ? 'Yes' : 'No'}
        {value === ABSENT && ' (default)'}
      </span>
    </span>
  )
}
