/** What a form shows of a served schema and its hints: fields, and the schemas behind them. Pure. */
import { ABSENT, holds, isObject, lookup, partsOf } from '@/lib/schema/conditions'
import type { JsonObject, JsonPointer } from '@/lib/schema/json'
import { humanized } from './words'

export type Form = { schema: JsonObject; hints: Record<JsonPointer, JsonObject>; defaults: JsonObject }

export type Hint = {
  group: string
  order: number
  widget: string
  title: string
  help: string
  unit: string
  placeholder: string
  advanced: boolean
  immutable: boolean
  optionsFrom: string
  visibleWhen: unknown
}

/** A place in the value, with the schema of what stands there; `pattern` has `*` for the items of lists. */
export type Field = {
  path: JsonPointer
  pattern: JsonPointer
  /** Its own name, last in the path. */
  name: string
  schema: JsonObject
  hint: Hint
  title: string
  required: boolean
  /** What it stands in: an item of a list and an entry of a map are never removed by emptying them. */
  place: 'member' | 'item' | 'entry'
  /** What applies when nothing is set, and what a reset goes back to. */
  fallback: unknown
}

const REFERENCES_DEEP = 16

export function pointerTo(path: JsonPointer, name: string | number): JsonPointer {
  return `${path}/${String(name).replaceAll('~', '~0').replaceAll('/', '~1')}`
}

/** A schema with its references followed; of one that also allows null, the other. */
export function resolved(form: Form, schema: unknown): JsonObject {
  let found = isObject(schema) ? schema : {}
  for (let depth = 0; depth < REFERENCES_DEEP; depth += 1) {
    const next = step(form, found)
    if (next === found) return found
    found = next
  }
  return {}
}

function step(form: Form, schema: JsonObject): JsonObject {
  if (typeof schema.$ref === 'string') {
    const { $ref, ...beside } = schema
    const target = $ref === '#' ? form.schema : lookup(form.schema, $ref.replace(/^#/, ''))
    return { ...(isObject(target) ? target : {}), ...beside }
  }
  if (Array.isArray(schema.anyOf)) {
    const { anyOf, ...beside } = schema
    const others = listed(anyOf).filter((each) => !isObject(each) || each.type !== 'null')
    if (others.length === 1 && isObject(others[0])) return { ...others[0], ...beside }
  }
  if (Array.isArray(schema.type)) return { ...schema, type: schema.type.find((each) => each !== 'null') }
  return schema
}

export function rootOf(form: Form): Field {
  return fieldAt(form, { path: '', pattern: '', schema: form.schema, name: '', place: 'member' })
}

/** The members of an object in the order of their hints, hidden ones left out. */
export function membersOf(form: Form, of: Field, schema: JsonObject = of.schema): Field[] {
  const properties = isObject(schema.properties) ? schema.properties : {}
  const required: unknown[] = Array.isArray(schema.required) ? schema.required : []
  return Object.entries(properties)
    .map(([name, raw]) =>
      fieldAt(form, {
        path: pointerTo(of.path, name),
        pattern: pointerTo(of.pattern, name),
        schema: raw,
        name,
        place: 'member',
        required: required.includes(name),
      }),
    )
    .filter((field) => field.hint.widget !== 'hidden')
    .sort((left, right) => left.hint.order - right.hint.order)
}

/** An item of a list. */
export function itemOf(form: Form, of: Field, index: number): Field {
  const item = fieldAt(form, {
    path: pointerTo(of.path, index),
    pattern: pointerTo(of.pattern, '*'),
    schema: of.schema.items,
    name: String(index),
    place: 'item',
    required: true,
  })
  return { ...inherit(item, of), title: `${of.title}, ${index + 1}` }
}

/** An entry of a map. */
export function entryOf(form: Form, of: Field, key: string): Field {
  const entry = fieldAt(form, {
    path: pointerTo(of.path, key),
    pattern: pointerTo(of.pattern, '*'),
    schema: of.schema.additionalProperties,
    name: key,
    place: 'entry',
    required: true,
  })
  return { ...inherit(entry, of), title: key === '' ? 'Value' : `Value of ${key}` }
}

/** Choices, placeholder and unit of a list are those of its items, unless they have their own. */
function inherit(field: Field, of: Field): Field {
  const { hint } = field
  return {
    ...field,
    hint: {
      ...hint,
      placeholder: hint.placeholder || of.hint.placeholder,
      optionsFrom: hint.optionsFrom || of.hint.optionsFrom,
      unit: hint.unit || of.hint.unit,
    },
  }
}

type Placed = Pick<Field, 'path' | 'pattern' | 'name' | 'place'> & { schema: unknown; required?: boolean }

function fieldAt(form: Form, { schema: raw, required = false, ...at }: Placed): Field {
  const schema = resolved(form, raw)
  const hint = hintOf(form.hints[at.pattern])
  const served = at.path === at.pattern ? lookup(form.defaults, at.path) : ABSENT
  return {
    ...at,
    schema,
    hint,
    required,
    title: hint.title || (typeof schema.title === 'string' ? schema.title : humanized(at.name)),
    fallback: served === ABSENT ? ('default' in schema ? schema.default : ABSENT) : served,
  }
}

function hintOf(raw: unknown): Hint {
  const hint = isObject(raw) ? raw : {}
  const text = (name: string) => (typeof hint[name] === 'string' ? hint[name] : '')
  return {
    group: text('group') || 'general',
    order: typeof hint.order === 'number' ? hint.order : Number.MAX_SAFE_INTEGER,
    widget: text('widget'),
    title: text('title'),
    help: text('help'),
    unit: text('unit'),
    placeholder: text('placeholder'),
    advanced: hint.advanced === true,
    immutable: hint.immutable === true,
    optionsFrom: text('options_from'),
    visibleWhen: hint.visible_when,
  }
}

/** What conditions look at: the value, with the schema's defaults where nothing is set. */
export function scopeOf(form: Form, value: unknown): JsonObject {
  const defaults = membersOf(form, rootOf(form)).flatMap(({ name, schema }) =>
    'default' in schema ? [[name, schema.default] as const] : [],
  )
  return { ...Object.fromEntries(defaults), ...(isObject(value) ? value : {}) }
}

export function isVisible({ hint }: Field, scope: JsonObject): boolean {
  if (!isObject(hint.visibleWhen)) return true
  try {
    return holds(hint.visibleWhen, scope)
  } catch {
    // a newer server may say things that this page does not know
    return true
  }
}

export type Variant = { value: string; title: string; help: string; schema: JsonObject }
export type Variants = { name: string; of: Variant[] }

/** The forms that a value may take, told apart by a member that is constant in each; null when nothing tells them apart. */
export function variantsOf(form: Form, schema: JsonObject): Variants | null {
  if (!Array.isArray(schema.oneOf) || schema.oneOf.length === 0) return null
  const options = schema.oneOf.map((each) => resolved(form, each))
  const constants = options.map(constantsOf)
  const name = Object.keys(constants[0] ?? {}).find((each) =>
    constants.every((known) => Object.hasOwn(known, each)),
  )
  if (name === undefined) return null
  return {
    name,
    of: options.map((option, index) => {
      const value = constants[index]?.[name] ?? ''
      const { title, description } = option
      return {
        value,
        title: typeof title === 'string' ? title : humanized(value),
        help: typeof description === 'string' ? description : '',
        schema: option,
      }
    }),
  }
}

function constantsOf(schema: JsonObject): Record<string, string> {
  const properties = isObject(schema.properties) ? schema.properties : {}
  return Object.fromEntries(
    Object.entries(properties).flatMap(([name, raw]) =>
      isObject(raw) && typeof raw.const === 'string' ? [[name, raw.const] as const] : [],
    ),
  )
}

export function variantOf({ name, of }: Variants, value: unknown): Variant | undefined {
  const own = isObject(value) ? value[name] : undefined
  return of.find((each) => each.value === own)
}

/** The schema of an object as it is: of several forms the one that the value has. */
export function shapeOf(form: Form, field: Field, value: unknown): JsonObject {
  const variants = variantsOf(form, field.schema)
  return variants === null ? field.schema : (variantOf(variants, value)?.schema ?? {})
}

function listed(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}

/** The values that a schema lists; null when it lists none. */
export function choicesIn(schema: JsonObject): unknown[] | null {
  if (Array.isArray(schema.enum)) return listed(schema.enum)
  return 'const' in schema ? [schema.const] : null
}

/** Whether text that is empty is a value of its own. */
export function takesEmptyText({ type, minLength, pattern }: JsonObject): boolean {
  if (type !== 'string' || (typeof minLength === 'number' && minLength > 0)) return false
  if (typeof pattern !== 'string') return true
  try {
    return new RegExp(pattern).test('')
  } catch {
    // the server's patterns are Python's; one that the browser cannot read is the server's to check
    return true
  }
}

/** Where the parent of a place is. */
export function parentOf(path: JsonPointer): JsonPointer {
  return partsOf(path).slice(0, -1).reduce(pointerTo, '')
}
