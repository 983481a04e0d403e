/**
 * The little language of conditions and expressions that rules and hints use; the server has the same evaluator
 * (`shared/workflows/conditions.py`), and both run `tests/fixtures/workflows/conditions.json`.
 */
import type { JsonObject, JsonPointer } from './json'

/** The value of a path that leads nowhere. */
export const ABSENT: unique symbol = Symbol('absent')
export type Found = unknown

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Follow a JSON pointer; `ABSENT` when it leads nowhere. */
export function lookup(scope: unknown, path: JsonPointer): Found {
  if (path === '') return scope
  if (!path.startsWith('/')) return ABSENT
  let value: unknown = scope
  for (const part of partsOf(path)) {
    value = step(value, part)
    if (value === ABSENT) return ABSENT
  }
  return value
}

/** The names in a pointer, unescaped. */
export function partsOf(path: JsonPointer): string[] {
  return path
    .slice(1)
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
}

function step(value: unknown, part: string): Found {
  if (Array.isArray(value)) {
    const items: unknown[] = value
    return /^[0-9]+$/.test(part) && Number(part) < items.length ? items[Number(part)] : ABSENT
  }
  return isObject(value) && Object.hasOwn(value, part) ? value[part] : ABSENT
}

/** Whether there is something: not absent, null, empty text, an empty list or object. */
export function isPresent(value: Found): boolean {
  if (value === ABSENT || value === null || value === undefined || value === '') return false
  if (Array.isArray(value)) return value.length > 0
  return !isObject(value) || Object.keys(value).length > 0
}

/** Compare as JSON does. */
export function same(left: Found, right: unknown): boolean {
  if (Array.isArray(left) && Array.isArray(right)) {
    const others: unknown[] = right
    return left.length === others.length && left.every((item, index) => same(item, others[index]))
  }
  if (isObject(left) && isObject(right)) {
    const names = Object.keys(left)
    return (
      names.length === Object.keys(right).length &&
      names.every((name) => Object.hasOwn(right, name) && same(left[name], right[name]))
    )
  }
  return left === right
}

/** Decide; throws when it is no condition. */
export function holds(condition: unknown, scope: unknown): boolean {
  if (!isObject(condition)) throw new Error('not a condition')
  if (Array.isArray(condition.all)) return condition.all.every((item) => holds(item, scope))
  if (Array.isArray(condition.any)) return condition.any.some((item) => holds(item, scope))
  if ('not' in condition) return !holds(condition.not, scope)
  if (typeof condition.path !== 'string')
    throw new Error(`not a condition: ${Object.keys(condition).join(', ')}`)
  const value = lookup(scope, condition.path)
  if ('present' in condition) return isPresent(value) === condition.present
  if ('equals' in condition) return value !== ABSENT && same(value, condition.equals)
  if (Array.isArray(condition.in)) return value !== ABSENT && condition.in.some((item) => same(value, item))
  throw new Error(`not a condition: ${Object.keys(condition).join(', ')}`)
}

/** An expression's value, or `ABSENT`; throws when it is no expression. */
export function evaluate(expression: unknown, scope: JsonObject): Found {
  if (!isObject(expression)) throw new Error('not an expression')
  if ('const' in expression) return expression.const
  if (typeof expression.template === 'string') return fill(expression.template, scope)
  if (typeof expression.from !== 'string')
    throw new Error(`not an expression: ${Object.keys(expression).join(', ')}`)
  const root = Object.hasOwn(scope, expression.from) ? scope[expression.from] : ABSENT
  const value = lookup(root, typeof expression.path === 'string' ? expression.path : '')
  return isPresent(value) ? value : ABSENT
}

const PLACEHOLDER = /\{(\w+)((?:\/[^{}/]+)*)\}/g

function fill(template: string, scope: JsonObject): Found {
  const missing: string[] = []
  const text = template.replace(PLACEHOLDER, (placeholder, root: string, path: string) => {
    const value = lookup(Object.hasOwn(scope, root) ? scope[root] : ABSENT, path)
    if ((typeof value === 'string' && value !== '') || typeof value === 'number') return String(value)
    missing.push(placeholder)
    return ''
  })
  return missing.length > 0 ? ABSENT : text
}
