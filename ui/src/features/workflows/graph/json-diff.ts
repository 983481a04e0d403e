/** Differences between two JSON values, field by field, as the server tells them (`shared/json_diff.py`). */
import { isObject, same } from '@/lib/schema/conditions'
import type { JsonObject } from './types'

/** One field that differs, at a path like `data.containers[web].image`; undefined is absent. */
export type FieldChange = { path: string; old?: unknown; new?: unknown }

/** What tells the items of a list apart, best first; lists whose items have neither are compared by position. */
const NAMING_FIELDS = ['id', 'name'] as const
type Naming = (typeof NAMING_FIELDS)[number]

/** Every field that differs: keys in alphabetical order, items of lists in theirs. */
export function walk(old: unknown, next: unknown, path = ''): FieldChange[] {
  if (old === next) return []
  if (isObject(old) && isObject(next)) {
    return keysOf(old, next).flatMap((key) => walk(valueOf(old, key), valueOf(next, key), inside(path, key)))
  }
  if (Array.isArray(old) && Array.isArray(next)) return walkLists(old, next, path)
  return same(old, next) ? [] : [{ path, old, new: next }]
}

function walkLists(old: readonly unknown[], next: readonly unknown[], path: string): FieldChange[] {
  const field = namingOf(old, next)
  if (field === null || old.length + next.length === 0) {
    return Array.from({ length: Math.max(old.length, next.length) }, (_, index) =>
      walk(old[index], next[index], `${path}[${index}]`),
    ).flat()
  }
  const [before, after] = [byName(old, field), byName(next, field)]
  const names = new Set([...before.keys(), ...after.keys()])
  const found = [...names].flatMap((name) => walk(before.get(name), after.get(name), `${path}[${name}]`))
  const [was, is] = [[...before.keys()], [...after.keys()]]
  const reordered = was.length === is.length && was.every((name) => after.has(name)) && !same(was, is)
  return reordered ? [...found, { path, old: was, new: is }] : found
}

/** The keys that any of some objects has, in alphabetical order. */
export function keysOf(...objects: readonly JsonObject[]): string[] {
  return [...new Set(objects.flatMap((object) => Object.keys(object)))].sort()
}

/** A value of an object itself: undefined when it has none of that name. */
export function valueOf(object: JsonObject, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined
}

/** The path of a key below another path. */
export function inside(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`
}

/** The field that names every item of all the lists, each differently; null when there is none. */
export function namingOf(...lists: readonly (readonly unknown[])[]): Naming | null {
  return NAMING_FIELDS.find((field) => lists.every((list) => namesAll(field, list))) ?? null
}

function namesAll(field: Naming, items: readonly unknown[]): boolean {
  const names = items.map((item) => (isObject(item) ? valueOf(item, field) : undefined))
  return names.every((name) => typeof name === 'string') && new Set(names).size === names.length
}

/** The items of a list by the field that names them. */
export function byName(items: readonly unknown[], field: Naming): Map<string, JsonObject> {
  return new Map(items.filter(isObject).map((item) => [String(valueOf(item, field)), item]))
}
