/** Which field of a form shows what is said about a place. Pure. */
import { isObject, lookup, partsOf } from '@/lib/schema/conditions'
import type { JsonObject, JsonPointer } from '@/lib/schema/json'
import { isVisible, membersOf, rootOf, itemOf, shapeOf, variantsOf, type Field, type Form } from './model'
import { widgetOf, WHOLE } from './widget-of'

/** The path of the deepest field on the way to a place; empty when no field is on it. */
export function fieldOf(form: Form, value: unknown, scope: JsonObject, path: JsonPointer): JsonPointer {
  let field = rootOf(form)
  for (const part of path === '' ? [] : partsOf(path)) {
    const next = childOf(form, field, lookup(value, field.path), part)
    if (next === null || !isVisible(next, scope)) break
    field = next
  }
  return field.path
}

function childOf(form: Form, field: Field, value: unknown, part: string): Field | null {
  if (field.path !== '' && WHOLE.has(widgetOf(form, field, value))) return null
  if (Array.isArray(value)) return Number(part) < value.length ? itemOf(form, field, Number(part)) : null
  const shape = shapeOf(form, field, value)
  const discriminator = variantsOf(form, field.schema)?.name
  if (part === discriminator) return null
  const member = membersOf(form, field, shape).find((each) => each.name === part)
  return member ?? null
}

/** Whether a place is another one, or is in it. */
export function isWithin(path: JsonPointer, outer: JsonPointer): boolean {
  return path === outer || path.startsWith(`${outer}/`)
}

/** What stands in an object and no field shows; a form keeps it as it is. */
export function unknownIn(form: Form, value: unknown): string[] {
  if (!isObject(value)) return []
  const properties = isObject(form.schema.properties) ? form.schema.properties : {}
  return Object.keys(value).filter((name) => !Object.hasOwn(properties, name))
}
