import { itemSchema, newItem } from '../create'
import { useForm, type WidgetProps } from '../form-state'
import { itemOf } from '../model'
import { ABSENT } from '@/lib/schema/conditions'
import { lower, singular } from '../words'
import { ObjectFields, VariantFields } from './object'
import { AddButton, moved, Row, useRowIds } from './rows'
import { listOf } from './values'

/** Objects in order, each with its own fields. */
export function RepeaterWidget({ field, value, readOnly }: WidgetProps) {
  const { form, change } = useForm()
  const items = listOf(value)
  const ids = useRowIds(items)
  const one = lower(singular(field.title))
  const put = (next: readonly unknown[], label: string) =>
    change(field.path, next.length > 0 ? next : ABSENT, label)
  return (
    <>
      {ids.length > 0 && (
        <ul className="grid gap-2">
          {ids.map((id, index) => (
            <Row
              key={id}
              boxed
              name={`${one} ${index + 1}`}
              index={index}
              total={ids.length}
              readOnly={readOnly}
              onMove={(to) => put(moved(items, index, to), `Move ${one}`)}
              onRemove={() =>
                put(
                  items.filter((_, at) => at !== index),
                  `Remove ${one}`,
                )
              }
            >
              <Item {...{ field, index }} value={items[index]} />
            </Row>
          ))}
        </ul>
      )}
      {!readOnly && (
        <AddButton
          onClick={() => put([...items, newItem(form, itemSchema(form, field.schema))], `Add ${one}`)}
        >
          Add {one}
        </AddButton>
      )}
    </>
  )
}

function Item({ field, index, value }: Pick<WidgetProps, 'field' | 'value'> & { index: number }) {
  const { form, FieldView } = useForm()
  const item = itemOf(form, field, index)
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return <FieldView field={item} bare />
  return item.schema.oneOf === undefined ? (
    <ObjectFields field={item} />
  ) : (
    <VariantFields field={item} value={value} />
  )
}
