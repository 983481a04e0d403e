import { same } from '@/lib/schema/conditions'
import { walk, type FieldChange } from './json-diff'
import { nameOf } from './mirrors'
import type { Graph, GraphEdge, GraphNode } from './types'

export type How = 'added' | 'removed' | 'changed'

/** One node; `fields` is empty for what was added or removed whole. */
export type NodeChange = { nodeId: string; how: How; type: string; name: string; fields: FieldChange[] }

/** One wire, named by its ends as well: its id says nothing to people. */
export type EdgeChange = {
  edgeId: string
  how: How
  sourceName: string
  targetName: string
  fields: FieldChange[]
}

/** What makes one graph into another, by name and then by id; nodes that only stand elsewhere are told apart. */
export type GraphChanges = { nodes: NodeChange[]; edges: EdgeChange[]; moved: string[] }

/** The changes from one graph to another. */
export function changesBetween(old: Graph, next: Graph): GraphChanges {
  const called = namesOf(old, next)
  const [before, after] = [byId(old.nodes), byId(next.nodes)]
  return {
    nodes: nodeChanges(before, after),
    edges: edgeChanges(byId(old.edges), byId(next.edges), called),
    moved: next.nodes
      .filter((node) => isMoved(before.get(node.id), node))
      .map(({ id }) => id)
      .sort(),
  }
}

/** Whether nothing differs, not even where the nodes stand. */
export function isNothing({ nodes, edges, moved }: GraphChanges): boolean {
  return nodes.length + edges.length + moved.length === 0
}

/** Whether two nodes or wires are the same; parts that one graph took over from the other are not looked into. */
export function sameItem(left: GraphNode | GraphEdge, right: GraphNode | GraphEdge): boolean {
  if (left === right) return true
  const { data: leftData, ...leftRest } = left
  const { data: rightData, ...rightRest } = right
  return same(leftRest, rightRest) && (leftData === rightData || same(leftData, rightData))
}

/** Nodes or wires by their id. */
export function byId<Item extends { id: string }>(items: readonly Item[]): Map<string, Item> {
  return new Map(items.map((item) => [item.id, item]))
}

function nodeChanges(before: ReadonlyMap<string, GraphNode>, after: ReadonlyMap<string, GraphNode>) {
  return compared(before, after, nodeFields, (node, how, fields): NodeChange => {
    return { nodeId: node.id, how, type: node.type, name: nameOf(node.data, node.id), fields }
  }).sort((left, right) => inOrder([left.name, left.nodeId], [right.name, right.nodeId]))
}

function edgeChanges(
  before: ReadonlyMap<string, GraphEdge>,
  after: ReadonlyMap<string, GraphEdge>,
  called: (nodeId: string) => string,
) {
  const order = ({ sourceName, targetName, edgeId }: EdgeChange) => [sourceName, targetName, edgeId]
  return compared(before, after, edgeFields, (edge, how, fields): EdgeChange => {
    const [sourceName, targetName] = [called(edge.source), called(edge.target)]
    return { edgeId: edge.id, how, sourceName, targetName, fields }
  }).sort((left, right) => inOrder(order(left), order(right)))
}

/** Tell of everything that only one side has, and of what differs in its fields. */
function compared<Item extends { id: string }, Change>(
  before: ReadonlyMap<string, Item>,
  after: ReadonlyMap<string, Item>,
  fieldsOf: (item: Item) => object,
  tell: (item: Item, how: How, fields: FieldChange[]) => Change,
): Change[] {
  const come = [...after.values()].flatMap((item) => {
    const old = before.get(item.id)
    if (old === undefined) return [tell(item, 'added', [])]
    const fields = old === item ? [] : walk(fieldsOf(old), fieldsOf(item))
    return fields.length === 0 ? [] : [tell(item, 'changed', fields)]
  })
  const gone = [...before.values()].filter(({ id }) => !after.has(id))
  return [...come, ...gone.map((item) => tell(item, 'removed', []))]
}

/** The fields of a node that say something: where it stands is no such. */
export function nodeFields({ type, parent, data }: GraphNode): object {
  return { type, parent, data }
}

function edgeFields({ source, sourceHandle, target, targetHandle, type, data }: GraphEdge): object {
  return { source, sourceHandle, target, targetHandle, type, data }
}

function isMoved(old: GraphNode | undefined, node: GraphNode): boolean {
  return old !== undefined && !same(old.position, node.position)
}

/** The name of a node as people call it, in whichever graph it is; the newer one goes before. */
function namesOf(old: Graph, next: Graph): (nodeId: string) => string {
  const nodes = byId([...old.nodes, ...next.nodes])
  return (nodeId) => nameOf(nodes.get(nodeId)?.data ?? {}, nodeId)
}

function inOrder(left: readonly string[], right: readonly string[]): number {
  for (const [at, word] of left.entries()) {
    const other = right[at] ?? ''
    if (word !== other) return word < other ? -1 : 1
  }
  return 0
}
