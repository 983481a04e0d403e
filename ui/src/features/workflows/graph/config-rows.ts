import { holds, isObject, isPresent, partsOf } from '@/lib/schema/conditions'
import { plain } from './card'
import type { WiredValue } from './mirrors'
import type { GraphNode, JsonObject, NodeType } from './types'

export type ConfigRow = {
  path: string
  label: string
  help: string
  /** One entry per item of a list; one for everything else. */
  lines: string[]
  /** `own` was entered, `default` is what applies because nothing was, `wired` comes from a wire. */
  from: 'own' | 'default' | 'wired'
  /** The nodes whose wires give the value. */
  givers: string[]
  advanced: boolean
}

export type ConfigGroup = { group: string; rows: ConfigRow[] }

/** Where names are; its fields come from several parts of a form. */
const FIRST_GROUP = 'general'

type Hint = {
  group: string
  order: number
  title: string
  help: string
  advanced: boolean
  visibleWhen: unknown
  widget: string
}

function hintOf(raw: JsonObject): Hint {
  const text = (name: string) => (typeof raw[name] === 'string' ? raw[name] : '')
  return {
    group: text('group') || 'general',
    order: typeof raw.order === 'number' ? raw.order : 0,
    title: text('title'),
    help: text('help'),
    advanced: raw.advanced === true,
    visibleWhen: raw.visible_when,
    widget: text('widget'),
  }
}

/** What a node's form holds, in groups and in the form's order; fields that say nothing are left out. */
export function configGroups(node: GraphNode, type: NodeType, wired: readonly WiredValue[]): ConfigGroup[] {
  const groups = new Map<string, ConfigRow[]>()
  const fields = Object.entries(type.ui)
    .filter(([path]) => partsOf(path).length === 1)
    .map(([path, raw]) => ({ path, hint: hintOf(raw) }))
    .sort((left, right) => left.hint.order - right.hint.order)
  for (const { path, hint } of fields) {
    if (hint.widget === 'hidden' || !isVisible(hint.visibleWhen, node.data)) continue
    const row = rowOf(node, type, { path, hint }, wired)
    if (row === null) continue
    groups.set(hint.group, [...(groups.get(hint.group) ?? []), row])
  }
  return [...groups]
    .map(([group, rows]) => ({ group, rows }))
    .sort((left, right) => Number(right.group === FIRST_GROUP) - Number(left.group === FIRST_GROUP))
}

function isVisible(condition: unknown, data: JsonObject): boolean {
  return !isObject(condition) || holds(condition, data)
}

function rowOf(
  node: GraphNode,
  type: NodeType,
  { path, hint }: { path: string; hint: Hint },
  wired: readonly WiredValue[],
): ConfigRow | null {
  const [name = ''] = partsOf(path)
  const given = wired.filter((value) => value.path === path)
  const common = {
    path,
    label: hint.title,
    help: hint.help,
    advanced: hint.advanced,
    givers: given.map((value) => value.from),
  }
  const titleOf = (key: string) => titleBelow(type, path, key)
  const own = isPresent(node.data[name]) ? linesOf(node.data[name], titleOf) : []
  if (given.length > 0) {
    const values = given.map((value) => plain(value.value))
    return {
      ...common,
      lines: given.some((value) => value.mode === 'set') ? values : [...own, ...values],
      from: 'wired',
    }
  }
  if (own.length > 0) return { ...common, lines: own, from: 'own' }
  const fallback = defaultOf(type, name)
  return isPresent(fallback) && !isObject(fallback)
    ? { ...common, lines: linesOf(fallback, titleOf), from: 'default' }
    : null
}

function defaultOf(type: NodeType, name: string): unknown {
  const properties = type.schema.properties
  const field = isObject(properties) ? properties[name] : undefined
  return isObject(field) ? field.default : undefined
}

/** The name of a member as its form calls it; a key that no form names is shown as it is. */
function titleBelow(type: NodeType, path: string, key: string): string {
  const raw = type.ui[`${path}/*/${key}`] ?? type.ui[`${path}/${key}`]
  return raw !== undefined && typeof raw.title === 'string' ? raw.title : key
}

function linesOf(value: unknown, titleOf: (key: string) => string): string[] {
  if (Array.isArray(value)) return value.map((item) => lineOf(item, titleOf))
  if (!isObject(value)) return [plain(value)]
  return Object.entries(value)
    .filter(([, item]) => isPresent(item))
    .map(([key, item]) => `${titleOf(key)}: ${lineOf(item, titleOf)}`)
}

function lineOf(value: unknown, titleOf: (key: string) => string): string {
  if (Array.isArray(value)) return value.map((item) => lineOf(item, titleOf)).join(', ')
  if (!isObject(value)) return plain(value)
  return Object.entries(value)
    .filter(([, item]) => isPresent(item))
    .map(([key, item]) => `${titleOf(key)} ${lineOf(item, (inner) => inner)}`)
    .join(' · ')
}
