import { Textarea } from '@/components/ui/input'
import { ABSENT, isObject } from '@/lib/schema/conditions'
import type { WidgetProps } from '../form-state'

const ROWS_AT_LEAST = 4
const ROWS_AT_MOST = 16

/** Text for machines; of what is no text the JSON, which is kept as typed until it can be read. */
export function CodeWidget({ field, value, control, readOnly, draft, keep, set }: WidgetProps) {
  const isText = field.schema.type === 'string' && !isObject(value) && !Array.isArray(value)
  const text = draft?.text ?? codeOf(value, isText)
  const write = (typed: string) => {
    if (isText || typed.trim() === '') {
      set(isText ? typed : ABSENT, true)
      return
    }
    const read = parsed(typed)
    if (read === ABSENT) {
      keep(typed, value, 'This is not JSON yet.')
      return
    }
    keep(typed, read)
    set(read, true)
  }
  return (
    <Textarea
      {...control}
      mono
      value={text}
      readOnly={readOnly}
      rows={Math.min(ROWS_AT_MOST, Math.max(ROWS_AT_LEAST, text.split('\n').length))}
      placeholder={
        field.hint.placeholder || (isText ? '' : field.schema.type === 'array' ? '[ … ]' : '{ … }')
      }
      autoComplete="off"
      autoCapitalize="off"
      spellCheck={false}
      wrap="off"
      onChange={(event) => write(event.target.value)}
    />
  )
}

function codeOf(value: unknown, isText: boolean): string {
  if (value === ABSENT) return ''
  return isText && typeof value === 'string' ? value : JSON.stringify(value, null, 2)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return ABSENT
  }
}
