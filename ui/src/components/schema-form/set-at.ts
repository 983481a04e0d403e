import { ABSENT, isObject, partsOf } from '@/lib/schema/conditions'
import type { JsonPointer } from '@/lib/schema/json'

/**
 * A copy of a JSON value with something else at a pointer; `ABSENT` removes what is there, and the objects that
 * become empty by that. What lies beside the pointer is shared with the original.
 */
export function setAt(value: unknown, path: JsonPointer, next: unknown): unknown {
  return path === '' ? next : put(value, partsOf(path), next)
}

function put(container: unknown, parts: readonly string[], next: unknown): unknown {
  const [name = '', ...rest] = parts
  if (Array.isArray(container)) return putItem(container, name, rest, next)
  if (!isObject(container) && next === ABSENT) return container
  const object = isObject(container) ? container : {}
  const before = Object.hasOwn(object, name) ? object[name] : ABSENT
  const after = below(before, rest, next)
  if (after === before) return container
  if (after === ABSENT || (next === ABSENT && isEmpty(after))) return without(object, name)
  return { ...object, [name]: after }
}

function putItem(items: readonly unknown[], name: string, rest: readonly string[], next: unknown): unknown {
  const index = name === '-' ? items.length : Number(name)
  if (!Number.isInteger(index) || index < 0 || index > items.length) return items
  const before = index < items.length ? items[index] : ABSENT
  const after = below(before, rest, next)
  if (after === before) return items
  const copy = [...items]
  if (after === ABSENT) copy.splice(index, 1)
  else copy[index] = after
  return copy
}

function below(before: unknown, rest: readonly string[], next: unknown): unknown {
  if (rest.length === 0) return next
  return before === ABSENT && next === ABSENT ? ABSENT : put(before, rest, next)
}

function isEmpty(value: unknown): boolean {
  return isObject(value) && Object.keys(value).length === 0
}

function without(object: Record<string, unknown>, name: string): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).filter(([key]) => key !== name))
}
