import { same } from '@/lib/schema/conditions'
import { byId, nodeFields, sameItem } from './changes'
import { mergeObjects, type FieldClash, type Settle } from './json-merge'
import { sameGraph } from './same'
import type { Graph, GraphEdge, GraphNode, JsonObject } from './types'

export type Choice = 'mine' | 'theirs'

/**
 * Something that both sides changed, each in another way: a field, or with an empty path the whole node or wire;
 * undefined is absent.
 */
export type Clash = FieldClash & { key: string; of: 'node' | 'edge'; id: string }

/** The graph with the changes of both sides; a clash that nobody has decided is as on my side. */
export type Merge = { graph: Graph; clashes: Clash[] }

type Sides<Value> = { base: Value; mine: Value; theirs: Value }

/** Merge what two people made of one graph, node by node and field by field; choices are by the key of their clash. */
export function merge(
  base: Graph,
  mine: Graph,
  theirs: Graph,
  choices: ReadonlyMap<string, Choice> = new Map(),
): Merge {
  if (sameGraph(base, theirs)) return { graph: mine, clashes: [] }
  if (sameGraph(base, mine)) return { graph: theirs, clashes: [] }
  const clashes = new Map<string, Clash>()
  const settler = (of: Clash['of'], id: string): Settle => {
    return (clash) => {
      const key = freeKey(`${of}:${id}:${clash.path}`, clashes)
      clashes.set(key, { ...clash, key, of, id })
      return choices.get(key) === 'theirs' ? clash.theirs : clash.mine
    }
  }
  const sides = { base, mine, theirs }
  const nodes = mergeItems(nodesOf(sides), (id, each) =>
    mergeNode(each, settler('node', id), usesOf(sides, id)),
  )
  const edges = mergeItems(edgesOf(sides), (id, each) => mergeEdge(each, settler('edge', id)))
  return { graph: attached(nodes, withoutDoubles(edges, sides)), clashes: [...clashes.values()] }
}

/** Names of fields may have dots, so that two fields are called alike. */
function freeKey(wanted: string, taken: ReadonlyMap<string, unknown>): string {
  return taken.has(wanted) ? freeKey(`${wanted}'`, taken) : wanted
}

function nodesOf({ base, mine, theirs }: Sides<Graph>): Sides<ReadonlyMap<string, GraphNode>> {
  return { base: byId(base.nodes), mine: byId(mine.nodes), theirs: byId(theirs.nodes) }
}

/** The wires of each side. One that went with its node is told by the node alone, so it stands as it was. */
function edgesOf({ base, mine, theirs }: Sides<Graph>): Sides<ReadonlyMap<string, GraphEdge>> {
  const kept = (side: Graph) => {
    const left = byId(side.nodes)
    const gone = base.edges.filter(({ source, target }) => !left.has(source) || !left.has(target))
    return byId([...gone, ...side.edges])
  }
  return { base: byId(base.edges), mine: kept(mine), theirs: kept(theirs) }
}

/** Merge everything that any side has: what is known in its place, then what is new, whoever added it. */
function mergeItems<Item>(
  { base, mine, theirs }: Sides<ReadonlyMap<string, Item>>,
  mergeItem: (id: string, sides: Sides<Item | undefined>) => Item | undefined,
): Item[] {
  const added = [...mine.keys(), ...theirs.keys()].filter((id) => !base.has(id)).sort()
  return [...new Set([...base.keys(), ...added])].flatMap((id) => {
    const merged = mergeItem(id, { base: base.get(id), mine: mine.get(id), theirs: theirs.get(id) })
    return merged === undefined ? [] : [merged]
  })
}

/** Whether each side gave a node wires, or changed some, so that the node is wanted. */
type Uses = { mine: boolean; theirs: boolean }

function usesOf({ base, mine, theirs }: Sides<Graph>, nodeId: string): () => Uses {
  const uses = (side: Graph) =>
    side.edges.some((edge) => {
      if (edge.source !== nodeId && edge.target !== nodeId) return false
      const before = base.edges.find(({ id }) => id === edge.id)
      return before === undefined || !sameItem(before, edge)
    })
  return () => ({ mine: uses(mine), theirs: uses(theirs) })
}

function mergeNode(
  { base, mine, theirs }: Sides<GraphNode | undefined>,
  settle: Settle,
  uses: () => Uses,
): GraphNode | undefined {
  if (mine === undefined && theirs === undefined) return undefined
  if (mine === undefined || theirs === undefined) {
    const [left, isUsed] = mine === undefined ? [theirs, () => uses().theirs] : [mine, () => uses().mine]
    if (base === undefined || left === undefined) return left
    if (same(nodeFields(base), nodeFields(left)) && !isUsed()) return undefined
    return chosen({ base, mine, theirs }, settle)
  }
  if (base === undefined) return sameItem(mine, theirs) ? mine : chosen({ base, mine, theirs }, settle)
  return mergeFields({ base, mine, theirs }, settle)
}

/** One of two nodes or wires as a whole. */
function chosen<Item>({ base, mine, theirs }: Sides<Item | undefined>, settle: Settle): Item | undefined {
  return settle({ path: '', base, mine, theirs }) === mine ? mine : theirs
}

function mergeFields({ base, mine, theirs }: Sides<GraphNode>, settle: Settle): GraphNode {
  // where a card stands is worth no question
  const position = same(base.position, mine.position) ? theirs.position : mine.position
  return {
    id: base.id,
    type: either('type', { base: base.type, mine: mine.type, theirs: theirs.type }, settle),
    position,
    data: mergeData({ base, mine, theirs }, settle),
    parent: either('parent', { base: base.parent, mine: mine.parent, theirs: theirs.parent }, settle),
  }
}

type Ends = Pick<GraphEdge, 'source' | 'sourceHandle' | 'target' | 'targetHandle'>

function mergeEdge(
  { base, mine, theirs }: Sides<GraphEdge | undefined>,
  settle: Settle,
): GraphEdge | undefined {
  if (mine === undefined && theirs === undefined) return undefined
  if (mine === undefined || theirs === undefined) {
    const left = mine ?? theirs
    if (base === undefined || left === undefined) return left
    return sameItem(base, left) ? undefined : chosen({ base, mine, theirs }, settle)
  }
  if (base === undefined) return sameItem(mine, theirs) ? mine : chosen({ base, mine, theirs }, settle)
  // one end of mine and one of theirs would be a wire that nobody has drawn
  const ends = either('ends', { base: endsOf(base), mine: endsOf(mine), theirs: endsOf(theirs) }, settle)
  const type = either('type', { base: base.type, mine: mine.type, theirs: theirs.type }, settle)
  return { id: base.id, ...ends, type, data: mergeData({ base, mine, theirs }, settle) }
}

function endsOf({ source, sourceHandle, target, targetHandle }: GraphEdge): Ends {
  return { source, sourceHandle, target, targetHandle }
}

/** A value of one side as a whole. */
function either<Value>(path: string, { base, mine, theirs }: Sides<Value>, settle: Settle): Value {
  if (same(mine, theirs) || same(base, theirs)) return mine
  if (same(base, mine)) return theirs
  return settle({ path, base, mine, theirs }) === theirs ? theirs : mine
}

function mergeData({ base, mine, theirs }: Sides<{ data: JsonObject }>, settle: Settle): JsonObject {
  return mergeObjects('data', { base: base.data, mine: mine.data, theirs: theirs.data }, settle)
}

/** Leave out a wire that each side drew, with an id of its own. */
function withoutDoubles(edges: readonly GraphEdge[], { base, mine, theirs }: Sides<Graph>): GraphEdge[] {
  const [before, by, byThem] = [byId(base.edges), byId(mine.edges), byId(theirs.edges)]
  const place = (edge: GraphEdge) => JSON.stringify([edge.type, endsOf(edge)])
  const drawn = new Map<string, GraphEdge[]>()
  for (const edge of edges)
    if (!before.has(edge.id)) drawn.set(place(edge), [...(drawn.get(place(edge)) ?? []), edge])
  return edges.filter((edge) => {
    if (before.has(edge.id)) return true
    const others = by.has(edge.id) ? byThem : by
    const doubles = drawn.get(place(edge)) ?? []
    return !doubles.some(({ id, data }) => id < edge.id && others.has(id) && same(data, edge.data))
  })
}

/** The graph without wires to nodes that are gone; who stood in a frame that is gone stands free. */
function attached(nodes: readonly GraphNode[], edges: readonly GraphEdge[]): Graph {
  const known = byId(nodes)
  return {
    nodes: nodes.map((node) =>
      node.parent === null || known.has(node.parent) ? node : { ...node, parent: null },
    ),
    edges: edges.filter(({ source, target }) => known.has(source) && known.has(target)),
  }
}
