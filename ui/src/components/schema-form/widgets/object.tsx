import { useId } from 'react'
import { Select } from '@/components/ui/input'
import { ABSENT, isPresent } from '@/lib/schema/conditions'
import type { JsonObject } from '@/lib/schema/json'
import { newVariant } from '../create'
import { useForm, type WidgetProps } from '../form-state'
import { isVisible, membersOf, variantOf, variantsOf, type Field } from '../model'
import { MoreFields } from '../more-fields'
import { humanized } from '../words'

/** The fields of an object, in a box of their own. */
export function ObjectWidget({ field }: WidgetProps) {
  return (
    <div className="grid grid-cols-2 gap-3 border-l-2 border-line pl-3">
      <ObjectFields field={field} />
    </div>
  )
}

interface ObjectFieldsProps {
  field: Field
  /** Its schema, when it is one of several. */
  shape?: JsonObject
  /** Members that are shown elsewhere. */
  without?: readonly string[]
}

/** The fields of an object: usual ones, then those that few need. */
export function ObjectFields({ field, shape = field.schema, without = [] }: ObjectFieldsProps) {
  const { form, scope, FieldView } = useForm()
  const fields = membersOf(form, field, shape).filter(
    (each) => !without.includes(each.name) && isVisible(each, scope),
  )
  const advanced = fields.filter(({ hint }) => hint.advanced)
  return (
    <>
      {fields
        .filter(({ hint }) => !hint.advanced)
        .map((each) => (
          // a row that moves keeps the fields that it has
          <FieldView key={each.name} field={each} />
        ))}
      {advanced.length > 0 && <MoreFields fields={advanced} of={field.title} />}
    </>
  )
}

/** One of several forms, told apart by one of its members. */
export function OneOfWidget({ field, value }: WidgetProps) {
  return (
    <div
      className={isPresent(value) ? 'grid grid-cols-2 gap-3 border-l-2 border-line pl-3' : 'grid grid-cols-2'}
    >
      <VariantFields field={field} value={value} />
    </div>
  )
}

interface VariantFieldsProps {
  field: Field
  value: unknown
  without?: readonly string[]
}

/** Which of its forms a value has, and the fields of that. */
export function VariantFields({ field, value, without = [] }: VariantFieldsProps) {
  const { form, change, readOnly } = useForm()
  const id = useId()
  const variants = variantsOf(form, field.schema)
  if (variants === null) return null
  const own = variantOf(variants, value)
  const title = form.hints[`${field.pattern}/${variants.name}`]?.title
  const name = typeof title === 'string' ? title : humanized(variants.name)
  const stranger = own === undefined && isPresent(value)
  const choose = (chosen: string) => {
    const next = variants.of.find((each) => each.value === chosen)
    change(
      field.path,
      next === undefined ? ABSENT : newVariant(variants, next, value),
      `Change ${field.title}`,
    )
  }
  return (
    <>
      <div className="col-span-full grid gap-1.5">
        <label htmlFor={id} className={field.place === 'item' ? 'text-dense font-medium' : 'sr-only'}>
          {field.place === 'item' ? name : `${field.title}: ${name}`}
        </label>
        <Select
          id={id}
          value={own?.value ?? ''}
          disabled={readOnly}
          aria-describedby={own === undefined ? undefined : `${id}-help`}
          onChange={(event) => choose(event.target.value)}
        >
          {(own === undefined || field.place === 'member') && (
            <option value="">
              {stranger ? 'Choose what this is …' : field.required ? 'Choose …' : 'None'}
            </option>
          )}
          {variants.of.map((each) => (
            <option key={each.value} value={each.value}>
              {each.title}
            </option>
          ))}
        </Select>
        {own !== undefined && own.help !== '' && (
          <p id={`${id}-help`} className="text-meta text-text-muted">
            {own.help}
          </p>
        )}
      </div>
      {own !== undefined && (
        <ObjectFields field={field} shape={own.schema} without={[variants.name, ...without]} />
      )}
    </>
  )
}
