import { useState } from 'react'
import { Input, Textarea } from '@/components/ui/input'
import { cx } from '@/lib/format/classes'
import { ABSENT, isObject, same } from '@/lib/schema/conditions'
import type { JsonObject } from '@/lib/schema/json'
import { Problem } from '../field-notes'
import { useForm, type WidgetProps } from '../form-state'
import { entryOf, pointerTo } from '../model'
import { newRowId } from '../row-ids'
import { lower, singular } from '../words'
import { AddButton, moved, Row } from './rows'

/** A row of a map: `key` is the one it is stored under, `typed` the one in its field until that can be taken. */
type Entry = { id: string; key: string | null; typed: string; value: unknown }
type Known = { entries: readonly Entry[]; of: unknown }

/** Keys and values. A key that another row has is an error and takes nothing away. */
export function MapWidget({ field, value, readOnly }: WidgetProps) {
  const { form, change } = useForm()
  const [known, setKnown] = useState<Known>(() => ({ entries: entriesOf(value, []), of: value }))
  let current = known
  if (value !== known.of) {
    current = {
      entries: alike(known.entries, value) ? known.entries : entriesOf(value, known.entries),
      of: value,
    }
    setKnown(current)
  }
  const { entries } = current
  const one = lower(singular(field.title))
  const put = (next: readonly Entry[], label: string, typing = false) => {
    setKnown({ entries: next, of: value })
    if (!alike(next, value)) change(field.path, objectOf(next), label, typing)
  }
  const replace = (id: string, entry: Entry) => entries.map((each) => (each.id === id ? entry : each))
  return (
    <>
      {entries.length > 0 && (
        <ul className="grid gap-2">
          {entries.map((entry, index) => (
            <Row
              key={entry.id}

              name={entry.typed === '' ? `${one} ${index + 1}` : `${one} ${entry.typed}`}
              index={index}
              total={entries.length}
              readOnly={readOnly}
              onMove={(to) => put(moved(entries, index, to), `Move ${one}`)}
              onRemove={() =>
                put(
                  entries.filter(({ id }) => id !== entry.id),
                  `Remove ${one}`,
                )
              }
            >
              <EntryFields
                field={field}
                entry={entry}
                taken={entries.some((each) => each.id !== entry.id && each.key === entry.typed)}
                onKey={(typed) => {
                  const free =
                    typed !== '' && entries.every((each) => each.id === entry.id || each.key !== typed)
                  put(
                    replace(entry.id, { ...entry, typed, key: free ? typed : entry.key }),
                    `Rename ${one}`,
                    true,
                  )
                }}
                onValue={(next) => put(replace(entry.id, { ...entry, value: next }), `Change ${one}`, true)}
              />
            </Row>
          ))}
        </ul>
      )}
      {!readOnly && (
        <AddButton
          onClick={() =>
            setKnown({
              entries: [
                ...entries,
                {
                  id: newRowId(),
                  key: null,
                  typed: '',
                  value: entryOf(form, field, '').schema.type === 'string' ? '' : ABSENT,
                },
              ],
              of: value,
            })
          }
        >
          Add {one}
        </AddButton>
      )}
    </>
  )
}

interface EntryFieldsProps {
  field: WidgetProps['field']
  entry: Entry
  taken: boolean
  onKey: (key: string) => void
  onValue: (value: unknown) => void
}

function EntryFields({ field, entry, taken, onKey, onValue }: EntryFieldsProps) {
  const { form, readOnly, FieldView, complaints, problems } = useForm()
  const [left, setLeft] = useState(false)
  const path = entry.key === null ? null : pointerTo(field.path, entry.key)
  const own =
    path === null
      ? []
      : [...(complaints.get(path) ?? []), ...(problems.get(path) ?? []).map(({ message }) => message)]
  const wrong = taken
    ? ['Another row has this key; each needs its own.']
    : left && entry.typed === ''
      ? ['A key is needed.']
      : []
  const item = entryOf(form, field, entry.key ?? '')
  return (
    // it hears of its controls being left
    // eslint-disable-next-line jsx-a11y/no-static-element-interactions
    <div className={cx('grid gap-1.5', isLine(item.schema) && 'grid-cols-2')} onBlur={() => setLeft(true)}>
      <Input
        aria-label={`Key of ${entry.typed === '' ? lower(singular(field.title)) : entry.typed}`}
        aria-invalid={wrong.length > 0 ? true : undefined}
        aria-describedby={`${entry.id}-notes`}
        value={entry.typed}
        readOnly={readOnly}
        placeholder="Key"
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
        className="font-mono text-mono"
        onChange={(event) => onKey(event.target.value)}
      />
      <div id={`${entry.id}-notes`} className="order-last col-span-full grid gap-1 text-meta empty:hidden">
        {(left ? [...wrong, ...own] : wrong).map((message) => (
          <Problem key={message} severity="error">
            {message}
          </Problem>
        ))}
      </div>
      {entry.key !== null && item.schema.type !== 'string' ? (
        <FieldView field={item} bare />
      ) : (
        <TextValue entry={entry} schema={item.schema} placeholder={item.hint.placeholder} onValue={onValue} />
      )}
    </div>
  )
}

const SHORT = 317
const ROWS_AT_MOST = 12

/** Whether values are short, so that one stands beside its key. */
function isLine({ type, maxLength }: JsonObject): boolean {
  return type === 'string' && typeof maxLength === 'number' && maxLength <= SHORT
}

interface TextValueProps {
  entry: Entry
  schema: JsonObject
  placeholder: string
  onValue: (value: unknown) => void
}

function TextValue({ entry, schema, placeholder, onValue }: TextValueProps) {
  const { readOnly } = useForm()
  const text = typeof entry.value === 'string' ? entry.value : JSON.stringify(entry.value)
  const common = {
    'aria-label': entry.typed === '' ? 'Value' : `Value of ${entry.typed}`,
    value: text,
    readOnly,
    placeholder: placeholder === '' ? 'Value' : placeholder,
    autoComplete: 'off',
    autoCapitalize: 'off',
    spellCheck: false,
  }
  if (isLine(schema)) return <Input {...common} onChange={(event) => onValue(event.target.value)} />
  const lines = text.split('\n').length
  return (
    <Textarea
      {...common}
      mono
      rows={Math.min(ROWS_AT_MOST, lines)}
      className="min-h-control"
      onChange={(event) => onValue(event.target.value)}
    />
  )
}

/** The rows of an object; a row keeps its id while its key stays, and those that are not stored yet stay last. */
function entriesOf(value: unknown, before: readonly Entry[]): Entry[] {
  const object = isObject(value) ? value : {}
  const stored = Object.entries(object).map(([key, each]) => {
    const known = before.find((entry) => entry.key === key)
    return { id: known?.id ?? newRowId(), key, typed: known?.typed ?? key, value: each }
  })
  const waiting = before.filter(
    ({ key, value: own }) => key === null || (own === ABSENT && !Object.hasOwn(object, key)),
  )
  return [...stored, ...waiting]
}

/** The object that rows make; rows without a key of their own are not in it. */
function objectOf(entries: readonly Entry[]): unknown {
  const own = entries.flatMap(({ key, value }) =>
    key === null || value === ABSENT ? [] : [[key, value] as const],
  )
  return own.length > 0 ? Object.fromEntries(own) : ABSENT
}

/** Whether rows say what an object says, in its order. */
function alike(entries: readonly Entry[], value: unknown): boolean {
  const made = objectOf(entries)
  if (made === ABSENT)
    return value === ABSENT || value === null || (isObject(value) && Object.keys(value).length === 0)
  return same(made, value) && isObject(made) && isObject(value) && same(Object.keys(made), Object.keys(value))
}
