import { useState } from 'react'
import { ABSENT, same } from '@/lib/schema/conditions'
import { itemSchema, newItem } from '../create'
import { useForm, type WidgetProps } from '../form-state'
import { choicesIn, itemOf } from '../model'
import { lower, singular } from '../words'
import { AddButton, moved, Row, useRowIds } from './rows'
import { inputText, listOf } from './values'

/** Values in order; of those that the schema lists, boxes to tick. */
export function ListWidget(props: WidgetProps) {
  const { form } = useForm()
  const items = itemSchema(form, props.field.schema)
  const listed = choicesIn(items)
  return listed === null ? <Lines {...props} /> : <Ticks {...props} listed={listed} />
}

function Lines({ field, value, readOnly }: WidgetProps) {
  const { form, change, FieldView } = useForm()
  const items = listOf(value)
  // a row whose value is not there yet: nothing is not the same as empty text, or zero
  const [waits, setWaits] = useState<readonly unknown[] | null>(null)
  const waiting = waits === items
  const ids = useRowIds(items, waiting ? 1 : 0)
  const one = lower(singular(field.title))
  const put = (next: readonly unknown[], label: string) =>
    change(field.path, next.length > 0 ? next : emptied(field.schema.default), label)
  const add = () => {
    const item = newItem(form, itemSchema(form, field.schema))
    if (item === ABSENT) setWaits(items)
    else put([...items, item], `Add ${one}`)
  }
  return (
    <>
      {ids.length > 0 && (
        <ul className="grid gap-1.5">
          {ids.map((id, index) => (
            <Row
              key={id}
              name={`${one} ${index + 1}`}
              index={index}
              total={ids.length}
              readOnly={readOnly}
              onMove={(to) => {
                if (index < items.length && to < items.length) put(moved(items, index, to), `Move ${one}`)
              }}
              onRemove={() => {
                if (index < items.length)
                  put(
                    items.filter((_, at) => at !== index),
                    `Remove ${one}`,
                  )
                else setWaits(null)
              }}
            >
              <FieldView field={itemOf(form, field, index)} bare />
            </Row>
          ))}
        </ul>
      )}
      {!readOnly && !waiting && <AddButton onClick={add}>Add {one}</AddButton>}
    </>
  )
}

/** A list without items: removed, unless then others would apply. */
function emptied(fallback: unknown): unknown {
  return Array.isArray(fallback) && fallback.length > 0 ? [] : ABSENT
}

function Ticks({ field, value, readOnly, listed, control }: WidgetProps & { listed: readonly unknown[] }) {
  const { change } = useForm()
  const chosen = value === ABSENT ? listOf(field.schema.default) : listOf(value)
  const strangers = chosen.filter((each) => !listed.some((known) => same(known, each)))
  const toggle = (each: unknown, on: boolean) => {
    const next = on ? [...chosen, each] : chosen.filter((other) => !same(other, each))
    change(
      field.path,
      next.length > 0 ? next : emptied(field.schema.default),
      `${on ? 'Add' : 'Remove'} ${inputText(each)}`,
    )
  }
  return (
    <div className="flex flex-wrap gap-x-4 gap-y-1">
      {[...listed, ...strangers].map((each, index) => (
        <label key={inputText(each)} className="flex min-h-6 items-center gap-2 text-body">
          <input
            type="checkbox"
            id={index === 0 ? control.id : undefined}
            checked={chosen.some((other) => same(other, each))}
            disabled={readOnly}
            onChange={(event) => toggle(each, event.target.checked)}
            className="size-4 accent-accent"
          />
          {inputText(each)}
        </label>
      ))}
    </div>
  )
}
