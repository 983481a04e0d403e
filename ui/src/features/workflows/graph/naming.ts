import { nameOf } from './mirrors'
import type { Graph, GraphNode } from './types'

const ID_LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789'
const ID_LENGTH = 10
/** The longest name that every kind of object takes. */
const LONGEST_NAME = 63

/** An id that no other node or wire has: random, because two people may draw at once. */
export function freshId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(ID_LENGTH))
  return `n${[...bytes].map((byte) => ID_LETTERS[byte % ID_LETTERS.length]).join('')}`
}

/** The first name of a pattern such as `app-{n}` that is free. */
export function nameFrom(pattern: string, taken: ReadonlySet<string>): string {
  for (let n = 1; ; n += 1) {
    const name = pattern.replace('{n}', String(n))
    if (!taken.has(name)) return name
    // a pattern without a number would never find another
    if (!pattern.includes('{n}')) return copyOf(name, taken)
  }
}

/** A name for a copy: the name itself while it is free, else with the next number behind it. */
export function copyOf(name: string, taken: ReadonlySet<string>): string {
  if (!taken.has(name)) return name
  const [, stem = name, number = '1'] = /^(.*?)-(\d{1,6})$/.exec(name) ?? []
  for (let n = Number(number) + 1; ; n += 1) {
    const end = `-${n}`
    const candidate = `${stem.slice(0, LONGEST_NAME - end.length)}${end}`
    if (!taken.has(candidate)) return candidate
  }
}

/** The names that nodes of a type have in a namespace; empty text stands for the workflow's namespace. */
export function namesTaken(graph: Graph, type: string, namespace = ''): Set<string> {
  return new Set(
    graph.nodes
      .filter((node) => node.type === type && ownNamespace(node) === namespace)
      .map((node) => nameOf(node.data, node.id)),
  )
}

/** The namespace that a node itself names; empty text: none. */
export function ownNamespace({ data }: Pick<GraphNode, 'data'>): string {
  return typeof data.namespace === 'string' ? data.namespace : ''
}
