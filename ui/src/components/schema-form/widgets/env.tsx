import { ClipboardPaste } from 'lucide-react'
import { useId, useState } from 'react'
import { Button } from '@/components/ui/button'
import { Select } from '@/components/ui/input'
import { ABSENT, isObject } from '@/lib/schema/conditions'
import type { JsonObject } from '@/lib/schema/json'
import { itemSchema, newVariant } from '../create'
import { isSensitive, type Kinds } from '../env-file'
import { Problem } from '../field-notes'
import { useForm, type WidgetProps } from '../form-state'
import { itemOf, membersOf, variantOf, variantsOf, type Field, type Variants } from '../model'
import { humanized } from '../words'
import { EnvPaste } from './env-paste'
import { RepeaterWidget } from './repeater'
import { AddButton, moved, Row, useRowIds } from './rows'
import { inputText, listOf } from './values'

const NAME = 'name'
const VALUE = 'value'
const SECRET = 'secret'

/** Variables of an environment: a name, where its value is from, and that. */
export function EnvWidget(props: WidgetProps) {
  const { form } = useForm()
  const variants = variantsOf(form, itemSchema(form, props.field.schema))
  const kinds = variants && kindsOf(variants)
  return variants && kinds ? (
    <Table {...props} variants={variants} kinds={kinds} />
  ) : (
    <RepeaterWidget {...props} />
  )
}

/** What marks variables with a plain value, and those from a Secret; null when there are no plain ones. */
function kindsOf({ name, of }: Variants): Kinds | null {
  const plain = of.find(({ schema }) => has(schema, NAME) && has(schema, VALUE))
  const secret = of.find(({ value, schema }) => value === SECRET && has(schema, NAME))
  return plain === undefined
    ? null
    : { discriminator: name, plain: plain.value, secret: secret?.value ?? null }
}

function has(schema: JsonObject, name: string): boolean {
  return isObject(schema.properties) && Object.hasOwn(schema.properties, name)
}

type TableProps = WidgetProps & { variants: Variants; kinds: Kinds }

function Table({ field, value, readOnly, variants, kinds }: TableProps) {
  const { change } = useForm()
  const [pastes, setPastes] = useState(false)
  const items = listOf(value)
  const ids = useRowIds(items)
  const put = (next: readonly unknown[], label: string) =>
    change(field.path, next.length > 0 ? next : ABSENT, label)
  const names = items.map((each) => (isObject(each) ? each.name : undefined))
  return (
    <>
      {ids.length > 0 && (
        <ul className="grid gap-2">
          {ids.map((id, index) => (
            <Row
              key={id}
              boxed
              name={`variable ${inputText(names[index]) || index + 1}`}
              index={index}
              total={ids.length}
              readOnly={readOnly}
              onMove={(to) => put(moved(items, index, to), 'Move variable')}
              onRemove={() =>
                put(
                  items.filter((_, at) => at !== index),
                  'Remove variable',
                )
              }
            >
              <Variable
                {...{ field, index, variants, kinds }}
                value={items[index]}
                isTaken={names[index] !== undefined && names.indexOf(names[index]) < index}
              />
            </Row>
          ))}
        </ul>
      )}
      {!readOnly && (
        <div className="flex flex-wrap gap-2">
          <AddButton
            onClick={() =>
              put([...items, { [kinds.discriminator]: kinds.plain, [VALUE]: '' }], 'Add variable')
            }
          >
            Add variable
          </AddButton>
          <Button
            variant="ghost"
            icon={ClipboardPaste}
            aria-expanded={pastes}
            onClick={() => setPastes(!pastes)}
          >
            Paste .env
          </Button>
        </div>
      )}
      {pastes && !readOnly && (
        <EnvPaste
          items={items}
          kinds={kinds}
          onTake={(next, label) => {
            put(next, label)
            setPastes(false)
          }}
        />
      )}
    </>
  )
}

interface VariableProps {
  field: Field
  index: number
  value: unknown
  variants: Variants
  kinds: Kinds
  isTaken: boolean
}

function Variable({ field, index, value, variants, kinds, isTaken }: VariableProps) {
  const { form, change, readOnly, FieldView } = useForm()
  const id = useId()
  const item = itemOf(form, field, index)
  if (!isObject(value)) return <FieldView field={item} bare />
  const own = variantOf(variants, value)
  const members = own === undefined ? [] : membersOf(form, item, own.schema)
  const named = members.find(({ name }) => name === NAME)
  const others = members.filter(({ name }) => name !== NAME && name !== variants.name)
  const title = `${humanized(variants.name)} of ${inputText(value.name) || `variable ${index + 1}`}`
  const choose = (chosen: string, beside: JsonObject = {}) => {
    const to = variants.of.find((each) => each.value === chosen)
    if (to)
      change(item.path, { ...newVariant(variants, to, value), ...beside }, 'Change where a variable is from')
  }
  return (
    <>
      <div className="col-span-full flex items-start gap-2">
        <div className="min-w-0 grow">
          {named ? (
            <FieldView field={{ ...named, hint: { ...named.hint, placeholder: 'NAME' } }} bare />
          ) : (
            <span />
          )}
        </div>
        <Select
          id={id}
          className="w-32 shrink-0"
          aria-label={title}
          value={own?.value ?? ''}
          disabled={readOnly}
          onChange={(event) => choose(event.target.value)}
        >
          {own === undefined && <option value="">Choose …</option>}
          {variants.of.map((each) => (
            <option key={each.value} value={each.value}>
              {each.title}
            </option>
          ))}
        </Select>
      </div>
      {isTaken && (
        <div className="col-span-full text-meta">
          <Problem severity="error">Another variable has this name; the later one wins.</Problem>
        </div>
      )}
      {others.map((each) => (
        <FieldView key={each.name} field={each} bare={each.name === VALUE} />
      ))}
      {!readOnly && own?.value === kinds.plain && (
        <SecretOffer value={value} kinds={kinds} onTake={(secret) => choose(secret, { key: value.name })} />
      )}
    </>
  )
}

interface SecretOfferProps {
  value: JsonObject
  kinds: Kinds
  onTake: (kind: string) => void
}

/** What everybody who sees the workflow can read should not be a password. */
function SecretOffer({ value, kinds: { secret }, onTake }: SecretOfferProps) {
  if (secret === null || !isSensitive({ name: inputText(value.name), value: inputText(value.value) }))
    return null
  return (
    <div className="col-span-full flex flex-wrap items-center justify-between gap-x-3 gap-y-1 text-meta">
      <Problem severity="warning">Everybody who sees the workflow can read this.</Problem>
      <Button className="h-7 px-2 text-meta" onClick={() => onTake(secret)}>
        Take it from a Secret
      </Button>
    </div>
  )
}
