import { useId } from 'react'
import { Input, Textarea } from '@/components/ui/input'
import { useForm, type Choices, type WidgetProps } from '../form-state'
import { aboutDuration, aboutImage, aboutQuantity } from '../readings'
import { inputText, parsedNumber, placeholderOf } from './values'

interface LineProps extends WidgetProps {
  mono?: boolean
  inputMode?: 'numeric' | 'url' | 'text'
  /** What the text means, for those who read it. */
  reading?: (text: string, unit: string) => string
}

/** A line of text, with suggestions when the hint knows where they come from. */
function Line({ mono = false, inputMode, reading, ...props }: LineProps) {
  const { choices } = useForm()
  const { field, value, control, readOnly, draft, keep, set } = props
  const { optionsFrom, unit } = field.hint
  const found = optionsFrom === '' ? null : choices(optionsFrom, field.path)
  const list = useId()
  const text = draft?.text ?? inputText(value)
  const meaning = reading?.(text, unit) ?? ''
  const write = (typed: string) => {
    const next = valueOf(field.schema.type, typed)
    if (next === undefined) {
      keep(typed, value, 'Must be a whole number.')
      return
    }
    set(next, true)
  }
  return (
    <>
      <Input
        {...control}
        value={text}
        readOnly={readOnly}
        inputMode={inputMode}
        placeholder={placeholderOf(props.field)}
        list={found && found.items.length > 0 ? list : undefined}
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
        className={mono ? 'font-mono text-mono' : undefined}
        onChange={(event) => write(event.target.value)}
      />
      {found && (
        <>
          <datalist id={list}>
            {found.items.map(({ value: each, label }) => (
              <option key={each} value={each}>
                {label}
              </option>
            ))}
          </datalist>
          <ChoicesNote found={found} />
        </>
      )}
      {meaning !== '' && <p className="text-meta text-text-muted">{meaning}</p>}
    </>
  )
}

/** Text for a schema of text; for one of numbers the number, undefined while it is none. */
function valueOf(type: unknown, text: string): unknown {
  if (type === 'string' || type === undefined || text === '') return text
  return parsedNumber(text)
}

function ChoicesNote({ found: { state, reason, items } }: { found: Choices }) {
  if (state === 'loading') return <p className="text-meta text-text-muted">Looking for what there is …</p>
  if (state === 'away' && reason !== undefined) return <p className="text-meta text-text-muted">{reason}</p>
  return state === 'ready' && items.length === 0 ? (
    <p className="text-meta text-text-muted">There is none yet; a name can be typed.</p>
  ) : null
}

export function TextWidget(props: WidgetProps) {
  return <Line {...props} />
}

export function MonoWidget(props: WidgetProps) {
  return <Line {...props} mono />
}

export function PortWidget(props: WidgetProps) {
  return <Line {...props} inputMode={props.field.schema.type === 'string' ? 'text' : 'numeric'} />
}

export function UrlWidget(props: WidgetProps) {
  return <Line {...props} inputMode="url" />
}

export function QuantityWidget(props: WidgetProps) {
  return <Line {...props} reading={aboutQuantity} />
}

export function DurationWidget(props: WidgetProps) {
  return <Line {...props} reading={aboutDuration} />
}

export function ImageWidget(props: WidgetProps) {
  return <Line {...props} mono reading={aboutImage} />
}

const ROWS_AT_MOST = 12

/** Several lines; it grows with its text. */
export function TextareaWidget(props: WidgetProps) {
  const { value, control, readOnly, draft, set } = props
  const text = draft?.text ?? inputText(value)
  return (
    <Textarea
      {...control}
      value={text}
      readOnly={readOnly}
      rows={Math.min(ROWS_AT_MOST, Math.max(3, text.split('\n').length))}
      placeholder={placeholderOf(props.field)}
      spellCheck={false}
      onChange={(event) => set(event.target.value, true)}
    />
  )
}
