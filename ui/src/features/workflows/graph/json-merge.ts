/** The three-way merge of JSON values: what one side changed is taken over, what both changed differently is told. */
import { isObject, same } from '@/lib/schema/conditions'
import { byName, inside, keysOf, namingOf, valueOf } from './json-diff'
import type { JsonObject } from './types'

/** A field that both sides changed, each to something else; undefined is absent. */
export type FieldClash = { path: string; base: unknown; mine: unknown; theirs: unknown }

/** Decides a clash, and may take note of it. */
export type Settle = (clash: FieldClash) => unknown

/** The value that has the changes of both sides; undefined when it is no longer there. */
export function mergeValues({ path, base, mine, theirs }: FieldClash, settle: Settle): unknown {
  if (same(mine, theirs)) return mine
  if (same(base, mine)) return theirs
  if (same(base, theirs)) return mine
  if (isObject(mine) && isObject(theirs) && (isObject(base) || base === undefined)) {
    return mergeObjects(path, { base: base ?? {}, mine, theirs }, settle)
  }
  if (Array.isArray(mine) && Array.isArray(theirs) && (Array.isArray(base) || base === undefined)) {
    return mergeLists(path, { base: base ?? [], mine, theirs }, settle)
  }
  return settle({ path, base, mine, theirs })
}

type Sides<Value> = { base: Value; mine: Value; theirs: Value }

/** The object that has the entries of both sides. */
export function mergeObjects(
  path: string,
  { base, mine, theirs }: Sides<JsonObject>,
  settle: Settle,
): JsonObject {
  const entries = keysOf(base, mine, theirs).map((key): [string, unknown] => [
    key,
    mergeValues(
      {
        path: inside(path, key),
        base: valueOf(base, key),
        mine: valueOf(mine, key),
        theirs: valueOf(theirs, key),
      },
      settle,
    ),
  ])
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined))
}

/** Lists whose items have names are merged item by item; others are one value. */
function mergeLists(path: string, sides: Sides<readonly unknown[]>, settle: Settle): unknown {
  const { base, mine, theirs } = sides
  const field = namingOf(base, mine, theirs)
  if (field === null) return settle({ path, ...sides })
  const items = { base: byName(base, field), mine: byName(mine, field), theirs: byName(theirs, field) }
  const names = {
    base: [...items.base.keys()],
    mine: [...items.mine.keys()],
    theirs: [...items.theirs.keys()],
  }
  const order = mergeOrders(path, names, settle)
  const merged = order.map((name) =>
    mergeValues(
      {
        path: `${path}[${name}]`,
        base: items.base.get(name),
        mine: items.mine.get(name),
        theirs: items.theirs.get(name),
      },
      settle,
    ),
  )
  return merged.filter((item) => item !== undefined)
}

/** The names of all three lists in one order: that of the side which changed it, new ones after those they follow. */
function mergeOrders(path: string, sides: Sides<readonly string[]>, settle: Settle): string[] {
  const { mine, theirs } = sides
  const known = skeletonOf(path, sides, settle)
  const runs = [runsOf(mine, new Set(known)), runsOf(theirs, new Set(known))]
  const found: string[] = []
  for (const anchor of [null, ...known]) {
    if (anchor !== null) found.push(anchor)
    const here = runs.flatMap((run) => [run.get(anchor) ?? []])
    // whose run comes first must not depend on which side is called mine
    here.sort((left, right) => (left.join('\n') < right.join('\n') ? -1 : 1))
    found.push(...here.flat())
  }
  return [...new Set(found)]
}

/** The order of the names that were there before. */
function skeletonOf(
  path: string,
  { base, mine, theirs }: Sides<readonly string[]>,
  settle: Settle,
): string[] {
  const common = base.filter((name) => mine.includes(name) && theirs.includes(name))
  const ordered = (names: readonly string[]) => names.filter((name) => common.includes(name))
  const [by, byThem] = [ordered(mine), ordered(theirs)]
  const order = mergeOrder({ path, base: common, mine: by, theirs: byThem }, settle)
  return withLost(order, base)
}

function mergeOrder(sides: Sides<readonly string[]> & { path: string }, settle: Settle): readonly string[] {
  const { base, mine, theirs } = sides
  if (same(mine, theirs) || same(base, theirs)) return mine
  if (same(base, mine)) return theirs
  return settle(sides) === theirs ? theirs : mine
}

/** Put back the names that one side removed: each after the one it followed. */
function withLost(order: readonly string[], base: readonly string[]): string[] {
  const found = [...order]
  base.forEach((name, index) => {
    if (found.includes(name)) return
    const before = index === 0 ? undefined : base[index - 1]
    found.splice(before === undefined ? 0 : found.indexOf(before) + 1, 0, name)
  })
  return found
}

/** The new names of a list, by the known one that each run of them follows. */
function runsOf(names: readonly string[], known: ReadonlySet<string>): Map<string | null, string[]> {
  const runs = new Map<string | null, string[]>()
  let anchor: string | null = null
  for (const name of names) {
    if (known.has(name)) anchor = name
    else runs.set(anchor, [...(runs.get(anchor) ?? []), name])
  }
  return runs
}
