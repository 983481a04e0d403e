import { ABSENT, isObject } from '@/lib/schema/conditions'
import type { JsonObject } from '@/lib/schema/json'
import { choicesIn, resolved, variantsOf, type Field, type Form } from './model'

type Sort = 'list' | 'object' | 'scalar'

const SORTS: Record<string, readonly Sort[]> = {
  text: ['scalar'],
  textarea: ['scalar'],
  number: ['scalar'],
  stepper: ['scalar'],
  toggle: ['scalar'],
  select: ['scalar'],
  radio: ['scalar'],
  quantity: ['scalar'],
  duration: ['scalar'],
  port: ['scalar'],
  cidr: ['scalar'],
  'label-key': ['scalar'],
  'dns-name': ['scalar'],
  url: ['scalar'],
  image: ['scalar'],
  cron: ['scalar'],
  'node-ref': ['scalar'],
  list: ['list'],
  repeater: ['list'],
  env: ['list'],
  'secret-keys': ['list'],
  'command-line': ['list'],
  map: ['object'],
  object: ['object'],
  'one-of': ['object'],
  probe: ['object'],
  matrix: ['object'],
  'label-selector': ['object'],
  code: ['scalar', 'list', 'object'],
  'read-only': ['scalar', 'list', 'object'],
  note: ['scalar', 'list', 'object'],
}

/** Widgets that show all of what they hold in one control, without fields for its parts. */
export const WHOLE: ReadonlySet<string> = new Set(['code', 'command-line', 'read-only', 'note'])

/** The widget for a field: what its hint says when that is known and suits it, else by the type of its schema. */
export function widgetOf(form: Form, field: Field, value: unknown): string {
  const { schema, hint } = field
  const sort = sortOf(schema)
  if (sort === null || !suits(value, sort)) return hint.widget === 'read-only' ? 'read-only' : 'code'
  const fitting = byType(form, schema)
  const wanted = Object.hasOwn(SORTS, hint.widget) ? hint.widget : fitting
  if (!SORTS[wanted]?.includes(sort) || isTooSimple(wanted, fitting)) return fitting
  return wanted
}

/** A hint that says less than the schema: text for what has choices, an object for one of several. */
function isTooSimple(wanted: string, fitting: string): boolean {
  if (fitting === 'select') return wanted !== 'radio' && wanted !== 'toggle'
  if (fitting === 'one-of') return wanted !== 'probe' && wanted !== 'code'
  if (fitting === 'code') return wanted !== 'read-only' && wanted !== 'note'
  if (fitting === 'toggle' || fitting === 'number') return wanted === 'select' || wanted === 'radio'
  if (fitting === 'repeater')
    return wanted === 'list' || wanted === 'secret-keys' || wanted === 'command-line'
  if (fitting === 'map')
    return wanted === 'object' || wanted === 'matrix' || wanted === 'one-of' || wanted === 'probe'
  if (fitting === 'object') return wanted === 'map' || wanted === 'one-of' || wanted === 'probe'
  return wanted === 'select' || wanted === 'radio' || wanted === 'toggle'
}

function byType(form: Form, schema: JsonObject): string {
  if (choicesIn(schema) !== null) return 'select'
  if (variantsOf(form, schema) !== null) return 'one-of'
  switch (schema.type) {
    case 'string':
      return 'text'
    case 'integer':
    case 'number':
      return 'number'
    case 'boolean':
      return 'toggle'
    case 'array':
      return ofItems(form, resolved(form, schema.items))
    case 'object':
      return ofMembers(schema)
    default:
      return 'code'
  }
}

function ofItems(form: Form, items: JsonObject): string {
  const sort = sortOf(items)
  if (sort === 'scalar') return 'list'
  if (sort !== 'object') return 'code'
  return byType(form, items) === 'code' ? 'code' : 'repeater'
}

function ofMembers({ properties, additionalProperties }: JsonObject): string {
  if (isObject(properties) && Object.keys(properties).length > 0) return 'object'
  return isObject(additionalProperties) && Object.keys(additionalProperties).length > 0 ? 'map' : 'code'
}

function sortOf(schema: JsonObject): Sort | null {
  if (choicesIn(schema) !== null) return 'scalar'
  if (Array.isArray(schema.oneOf)) return 'object'
  switch (schema.type) {
    case 'array':
      return 'list'
    case 'object':
      return 'object'
    case 'string':
    case 'integer':
    case 'number':
    case 'boolean':
      return 'scalar'
    default:
      return null
  }
}

function suits(value: unknown, sort: Sort): boolean {
  if (value === ABSENT || value === null || value === undefined) return true
  if (Array.isArray(value)) return sort === 'list'
  return isObject(value) ? sort === 'object' : sort === 'scalar'
}
