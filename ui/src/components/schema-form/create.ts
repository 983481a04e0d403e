/** What a new part of a value is made of. Pure but for ids. */
import { newId } from '@/lib/api/send'
import { ABSENT, isObject } from '@/lib/schema/conditions'
import type { JsonObject } from '@/lib/schema/json'
import { resolved, takesEmptyText, variantsOf, type Form, type Variant, type Variants } from './model'

/** A new item for a list: of one with an id, a fresh one; nothing else is filled in that nobody entered. */
export function newItem(form: Form, schema: JsonObject): unknown {
  const variants = variantsOf(form, schema)
  const [first] = variants?.of ?? []
  if (variants !== null && first !== undefined) return newVariant(variants, first, undefined)
  if (schema.type === 'string') return takesEmptyText(schema) ? '' : ABSENT
  if (schema.type !== 'object') return ABSENT
  const properties = isObject(schema.properties) ? schema.properties : {}
  return Object.hasOwn(properties, 'id') ? { id: newId() } : {}
}

/** A value in another of its forms: what both have is kept. */
export function newVariant(variants: Variants, to: Variant, value: unknown): JsonObject {
  const properties = isObject(to.schema.properties) ? to.schema.properties : {}
  const before = isObject(value) ? value : {}
  const shared = Object.entries(before).filter(
    ([name, each]) =>
      name !== variants.name && Object.hasOwn(properties, name) && fits(properties[name], each),
  )
  const id = Object.hasOwn(properties, 'id') && before.id === undefined ? { id: newId() } : {}
  return { [variants.name]: to.value, ...id, ...Object.fromEntries(shared) }
}

function fits(schema: unknown, value: unknown): boolean {
  const type = isObject(schema) ? schema.type : undefined
  if (type === undefined) return true
  if (Array.isArray(value)) return type === 'array'
  if (isObject(value)) return type === 'object'
  if (typeof value === 'number') return type === 'integer' || type === 'number'
  return typeof value === type
}

/** The schema of what a list holds. */
export function itemSchema(form: Form, schema: JsonObject): JsonObject {
  return resolved(form, schema.items)
}
