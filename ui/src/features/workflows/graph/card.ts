import { ABSENT, isObject, isPresent, lookup, partsOf } from '@/lib/schema/conditions'
import { nameOf, type WiredValue } from './mirrors'
import type { GraphNode, JsonPointer, NodeType } from './types'

export type CardModelRow = {
  label: string
  /** Short enough for a card. */
  text: string
  /** Everything, for a tooltip. */
  full: string
  /** Whether a wire gives the value. */
  wired: boolean
}

/** What a card shows of its node; status comes from elsewhere. */
export type CardModel = {
  id: string
  title: string
  /** The kind, as people read it. */
  kind: string
  namespace: string
  icon: string
  /** Whether the server knows the type. */
  known: boolean
  rows: CardModelRow[]
}

const MOST_ROWS = 3
const MOST_ITEMS = 3

/** Everything a pointer with `*` leads to. */
export function lookupAll(scope: unknown, path: JsonPointer): unknown[] {
  let found: unknown[] = [scope]
  for (const part of path === '' ? [] : partsOf(path)) {
    found = found.flatMap((value) => below(value, part))
  }
  return found
}

function below(value: unknown, part: string): unknown[] {
  const items: unknown[] | null = Array.isArray(value) ? value : null
  if (part === '*') return items ?? (isObject(value) ? Object.values(value) : [])
  const found = lookup(value, `/${part.replaceAll('~', '~0').replaceAll('/', '~1')}`)
  return found === ABSENT ? [] : [found]
}

export function cardModel(
  node: GraphNode,
  type: NodeType | undefined,
  context: { namespace: string; wired: readonly WiredValue[] },
): CardModel {
  const wiredNamespace = context.wired.find((value) => value.path === '/namespace')?.value
  const own = node.data.namespace
  const namespace = [own, wiredNamespace].find((value) => typeof value === 'string' && value !== '')
  return {
    id: node.id,
    title: nameOf(node.data, node.id),
    kind: type === undefined ? node.type : type.title,
    namespace: typeof namespace === 'string' ? namespace : context.namespace,
    icon: type?.icon ?? '',
    known: type !== undefined,
    rows: (type?.card ?? [])
      .slice(0, MOST_ROWS)
      .flatMap(({ path, label, format }) => rowOf(node, { path, label, format }, context.wired)),
  }
}

function rowOf(
  node: GraphNode,
  { path, label, format }: { path: JsonPointer; label: string; format: string },
  wired: readonly WiredValue[],
): CardModelRow[] {
  const given = wired.filter((value) => value.path === path)
  const set = given.find((value) => value.mode === 'set')
  const own = lookupAll(node.data, path).filter(isPresent)
  const values = set === undefined ? [...own, ...given.map((value) => value.value)] : [set.value]
  const shown = formatted(values, format)
  return shown === null ? [] : [{ label, ...shown, wired: given.length > 0 }]
}

type Shown = { text: string; full: string }

/** Values as a card writes them; null when there is nothing to say. */
export function formatted(values: readonly unknown[], format: string): Shown | null {
  const present = values.filter(isPresent)
  if (present.length === 0) return null
  switch (format) {
    case 'image':
      return image(plain(present[0]))
    case 'percent':
      return one(`${plain(present[0])} %`)
    case 'flag':
      return present[0] === true ? one('yes') : null
    case 'keys':
      return many(present.flatMap((value) => (isObject(value) ? Object.keys(value) : [plain(value)])))
    case 'map':
      return many(
        present.flatMap((value) =>
          isObject(value)
            ? Object.entries(value).map(([name, item]) => `${name}=${plain(item)}`)
            : [plain(value)],
        ),
      )
    default:
      return many(present.flatMap((value) => (Array.isArray(value) ? value.map(plain) : [plain(value)])))
  }
}

function one(text: string): Shown {
  return { text, full: text }
}

function many(items: string[]): Shown | null {
  if (items.length === 0) return null
  const more = items.length - MOST_ITEMS
  const text = items.slice(0, MOST_ITEMS).join(', ')
  return { text: more > 0 ? `${text} +${more}` : text, full: items.join(', ') }
}

/** `registry.example.com/team/web:1.2@sha256:…` is `web:1.2` on a card. */
function image(reference: string): Shown {
  const [name = reference, digest] = reference.split('@')
  const last = name.slice(name.lastIndexOf('/') + 1)
  const short = digest !== undefined && !last.includes(':') ? `${last}@${digest.slice(0, 14)}` : last
  return { text: short, full: reference }
}

/** Any JSON value in one line. */
export function plain(value: unknown): string {
  if (typeof value === 'string') return value
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (value === ABSENT || value === undefined || value === null) return ''
  return typeof value === 'number' ? String(value) : JSON.stringify(value)
}
