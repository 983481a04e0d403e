import { isObject } from '@/lib/schema/conditions'
import { remembered, typeOf } from './graph'
import { CARD_HEIGHT } from './layout'
import { ownNamespace } from './naming'
import type { Catalogue, Graph, GraphNode, Position } from './types'

/** What can be asked of a node with `is:`. */
export const STATES = ['error', 'stale', 'changed'] as const
export type SearchState = (typeof STATES)[number]

export type Searched = {
  graph: Graph
  catalogue: Catalogue
  /** The workflow's namespace, for nodes that name none. */
  namespace: string
  /** Whether something holds of a node that is not in the graph. */
  isSo: (state: SearchState, nodeId: string) => boolean
}

type Term = { of: 'text' | 'kind' | 'ns'; word: string } | { of: 'is'; state: SearchState | null }

/**
 * The nodes that a query is about, row by row as they stand; all of its words hold. An empty query is about none.
 *
 * Words are looked for in name, kind, namespace and every field; `kind:` and `ns:` look at the beginning of those
 * alone, `is:error`, `is:stale` and `is:changed` at how a node is, and words in quotes belong together.
 */
export function search(query: string, searched: Searched): string[] {
  const terms = termsOf(query)
  if (terms.length === 0) return []
  const found = searched.graph.nodes.filter((node) => terms.every((term) => holds(term, node, searched)))
  return inRows(found).map(({ id }) => id)
}

function termsOf(query: string): Term[] {
  const words = query.toLowerCase().match(/(?:[^\s"]|"[^"]*"?)+/g) ?? []
  return words.flatMap((word) => termOf(word.replaceAll('"', '').trim()))
}

function termOf(word: string): Term[] {
  const [, prefix, rest = ''] = /^(is|kind|ns):(.*)$/.exec(word) ?? []
  if (prefix === undefined) return word === '' ? [] : [{ of: 'text', word }]
  // what is not yet typed asks nothing
  if (rest === '') return []
  if (prefix === 'is') return [{ of: 'is', state: STATES.find((state) => state === rest) ?? null }]
  return [{ of: prefix === 'kind' ? 'kind' : 'ns', word: rest }]
}

function holds(term: Term, node: GraphNode, searched: Searched): boolean {
  switch (term.of) {
    case 'is':
      return term.state !== null && searched.isSo(term.state, node.id)
    case 'kind':
      return kindWords(node, searched.catalogue).some((kind) => kind.startsWith(term.word))
    case 'ns':
      return namespaceOf(node, searched).startsWith(term.word)
    case 'text':
      return (
        fieldText(node).includes(term.word) ||
        namespaceOf(node, searched).includes(term.word) ||
        kindWords(node, searched.catalogue).some((kind) => kind.includes(term.word))
      )
  }
}

function kindWords(node: GraphNode, catalogue: Catalogue): string[] {
  const type = typeOf(node, catalogue)
  const words = [node.type, ...(type === undefined ? [] : [type.kind, type.title])]
  return words.map((word) => word.toLowerCase())
}

function namespaceOf(node: GraphNode, { namespace }: Searched): string {
  return (ownNamespace(node) || namespace).toLowerCase()
}

/** Every key and value of a node; a line break keeps two of them from being read as one. */
const fieldText = remembered((node: GraphNode) => [...leaves(node.data)].join('\n').toLowerCase())

function* leaves(value: unknown): Generator<string> {
  if (Array.isArray(value)) {
    for (const item of value) yield* leaves(item)
  } else if (isObject(value)) {
    for (const [key, item] of Object.entries(value)) {
      yield key
      yield* leaves(item)
    }
  } else if (typeof value === 'string') yield value
  else if (typeof value === 'number' || typeof value === 'boolean') yield `${value}`
}

/** Things in the order in which they are read: rows from above, each from the left. */
export function inRows<Item extends { position: Position; id: string }>(items: readonly Item[]): Item[] {
  const down = [...items].sort(
    (left, right) => left.position.y - right.position.y || (left.id < right.id ? -1 : 1),
  )
  const rows: Item[][] = []
  let start = -Infinity
  for (const item of down) {
    const row = rows.at(-1)
    if (row === undefined || item.position.y - start > CARD_HEIGHT / 2) {
      rows.push([item])
      start = item.position.y
    } else row.push(item)
  }
  return rows.flatMap((row) => row.sort((left, right) => left.position.x - right.position.x))
}
