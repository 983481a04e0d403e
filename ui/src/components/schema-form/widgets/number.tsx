import { Minus, Plus } from 'lucide-react'
import { Input } from '@/components/ui/input'
import { IconButton } from '@/components/ui/button'
import { ABSENT } from '@/lib/schema/conditions'
import type { WidgetProps } from '../form-state'
import { aboutSeconds } from '../readings'
import { lower } from '../words'
import { inputText, parsedNumber, placeholderOf } from './values'

/** A number; what is typed stays until it is one. */
export function NumberWidget(props: WidgetProps) {
  const { field, value, control, readOnly, draft } = props
  const { unit } = field.hint
  const meaning = unit === 's' && typeof value === 'number' ? aboutSeconds(value) : ''
  return (
    <>
      <span className="flex items-center gap-2">
        <Input
          {...control}
          value={draft?.text ?? inputText(value)}
          readOnly={readOnly}
          inputMode={field.schema.type === 'integer' ? 'numeric' : 'decimal'}
          placeholder={placeholderOf(field)}
          autoComplete="off"
          onChange={(event) => typed(props, event.target.value)}
          onKeyDown={(event) => {
            const step = STEPS[event.key]
            if (step === undefined || readOnly || event.altKey) return
            event.preventDefault()
            stepped(props, step)
          }}
        />
        {unit !== '' && <span className="shrink-0 text-dense text-text-muted">{unit}</span>}
      </span>
      {meaning !== '' && <p className="text-meta text-text-muted">{meaning}</p>}
    </>
  )
}

/** A number with a button on each side. */
export function StepperWidget(props: WidgetProps) {
  const { field, readOnly } = props
  const title = lower(field.title)
  return (
    <span className="flex items-center gap-1.5">
      <IconButton
        icon={Minus}
        label={`Less ${title}`}
        variant="secondary"
        disabled={readOnly}
        onClick={() => stepped(props, -1)}
      />
      <span className="w-24">
        <NumberWidget {...props} />
      </span>
      <IconButton
        icon={Plus}
        label={`More ${title}`}
        variant="secondary"
        disabled={readOnly}
        onClick={() => stepped(props, 1)}
      />
    </span>
  )
}

const STEPS: Record<string, number> = { ArrowUp: 1, ArrowDown: -1 }

function typed({ field, value, keep, set }: WidgetProps, text: string): void {
  if (text.trim() === '') {
    // an item of a list is removed by its row, not by emptying it
    if (field.place === 'member') set('', true)
    else keep(text, value, 'Must be a number.')
    return
  }
  const number = parsedNumber(text)
  if (number === undefined) {
    keep(text, value, 'Must be a number.')
    return
  }
  keep(text, number)
  set(number, true)
}

function stepped({ field, value, set }: WidgetProps, by: number): void {
  const { minimum, maximum } = field.schema
  const start = [value, field.schema.default, minimum].find((each) => typeof each === 'number')
  const base = typeof start === 'number' ? start : 0
  const from = value === ABSENT && start === undefined ? base - by : base
  const next = Math.min(
    typeof maximum === 'number' ? maximum : Infinity,
    Math.max(typeof minimum === 'number' ? minimum : -Infinity, from + by),
  )
  if (next !== value) set(next)
}
