import { z } from '@/lib/config/zod'
import { isObject } from '@/lib/schema/conditions'
import { snapped } from './create'
import { ruleOf } from './graph'
import { CARD_HEIGHT, CARD_WIDTH } from './layout'
import { copyOf, freshId, namesTaken, ownNamespace } from './naming'
import { GraphShape } from './shape'
import { DRAWINGS, type Catalogue, type Graph, type GraphEdge, type GraphNode, type Position } from './types'

/** How large a graph may be, as the server says with the node types. */
export type Limits = { nodes: number; edges: number }

/** Nodes and wires that can be put into a graph, or why they cannot. */
export type Pieces = { ok: true; nodes: GraphNode[]; edges: GraphEdge[] } | { ok: false; message: string }

/** What a text from the clipboard is. The server reads manifests. */
export type Read =
  { kind: 'graph'; graph: Graph } | { kind: 'yaml'; text: string } | { kind: 'other'; message: string }

const VERSION = 1
const FARTHEST = 1_000_000
/** As much as a whole workflow may have. */
const LONGEST_TEXT = 2 * 1024 * 1024
/** How far a duplicate stands from what it was made of. */
const BESIDE = 40

/** Some nodes as a text, with the wires between them. Values of secrets are in no graph, so they do not travel. */
export function copyText(graph: Graph, ids: ReadonlySet<string>): string {
  return JSON.stringify({ kubeorch: VERSION, ...partOf(graph, ids) })
}

/** Some nodes, what stands in those that are groups, and the wires between all of them. */
function partOf({ nodes, edges }: Graph, ids: ReadonlySet<string>): Graph {
  const chosen = nodes.filter(({ id, parent }) => ids.has(id) || (parent !== null && ids.has(parent)))
  const known = new Set(chosen.map(({ id }) => id))
  return {
    nodes: chosen,
    edges: edges.filter(({ source, target }) => known.has(source) && known.has(target)),
  }
}

/** Find out what somebody pastes. */
export function readText(text: string): Read {
  if (text.trim() === '')
    return { kind: 'other', message: 'There is nothing to paste: the clipboard is empty.' }
  if (text.length > LONGEST_TEXT)
    return { kind: 'other', message: 'The text in the clipboard is longer than a workflow may be.' }
  const json = jsonOf(text)
  const found = z.looseObject({ kubeorch: z.number() }).safeParse(json)
  if (found.success) return readEnvelope(found.data)
  if (isManifest(text, json)) return { kind: 'yaml', text }
  return { kind: 'other', message: 'The clipboard holds neither nodes of a workflow nor Kubernetes YAML.' }
}

function readEnvelope(found: { kubeorch: number }): Read {
  if (found.kubeorch !== VERSION) {
    const message = 'This was copied from another version of KubeOrch. Reload both pages and copy it again.'
    return { kind: 'other', message }
  }
  const envelope = GraphShape.safeParse(found)
  if (envelope.success) return { kind: 'graph', graph: envelope.data }
  const where = envelope.error.issues[0]?.path.join('.') ?? ''
  return {
    kind: 'other',
    message: `The nodes in the clipboard cannot be read: ${where} is wrong. Copy them again.`,
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** Whether a text is YAML or JSON of an object of Kubernetes. */
function isManifest(text: string, json: unknown): boolean {
  if (isObject(json)) return typeof json.apiVersion === 'string' && typeof json.kind === 'string'
  return /^apiVersion:\s*\S/m.test(text) && /^kind:\s*\S/m.test(text)
}

/** New nodes like some that were copied, round a place, with ids and names of their own. */
export function pasted(
  graph: Graph,
  copied: Graph,
  at: Position,
  catalogue: Catalogue,
  limits: Limits,
): Pieces {
  const middle = middleOf(copied.nodes)
  const by = snapped({ x: at.x - middle.x, y: at.y - middle.y })
  return fitting(graph, renewed(graph, copied, by).pieces, catalogue, limits)
}

/** Nodes like some of the graph, a little beside them; wires to others are drawn again as far as those take more. */
export function duplicated(
  graph: Graph,
  ids: ReadonlySet<string>,
  catalogue: Catalogue,
  limits: Limits,
  by: Position = { x: BESIDE, y: BESIDE },
): Pieces {
  const part = partOf(graph, ids)
  const { pieces, idOf } = renewed(graph, part, by)
  const outer = outerWires(graph, idOf, catalogue)
  return fitting(graph, { ...pieces, edges: [...pieces.edges, ...outer] }, catalogue, limits)
}

/** Some pieces if the graph bears them. */
function fitting(graph: Graph, pieces: Graph, { types }: Catalogue, limits: Limits): Pieces {
  const { nodes, edges } = pieces
  if (nodes.length === 0) return { ok: false, message: 'There is no node to put in.' }
  const unknown = nodes.find(({ type }) => !types.has(type) && !DRAWINGS.has(type))
  if (unknown !== undefined)
    return { ok: false, message: `This server does not know nodes of the type “${unknown.type}”.` }
  for (const [what, has, more] of [
    ['nodes', graph.nodes.length, nodes.length],
    ['wires', graph.edges.length, edges.length],
  ] as const) {
    const most = what === 'nodes' ? limits.nodes : limits.edges
    if (has + more > most) {
      const message = `A workflow has at most ${most} ${what}; this one has ${has}, and ${more} more do not fit.`
      return { ok: false, message }
    }
  }
  return { ok: true, nodes, edges }
}

type Renewed = { pieces: Graph; idOf: ReadonlyMap<string, string> }

/** The same nodes and wires with other ids, free names, and as far away as said. */
function renewed(graph: Graph, { nodes, edges }: Graph, by: Position): Renewed {
  const idOf = new Map(nodes.map(({ id }) => [id, freshId()]))
  const made: GraphNode[] = []
  for (const node of nodes) {
    const position = { x: within(node.position.x + by.x), y: within(node.position.y + by.y) }
    const data = structuredClone(named(node, { ...graph, nodes: [...graph.nodes, ...made] }).data)
    const parent = idOf.get(node.parent ?? '') ?? null
    made.push({ ...node, id: idOf.get(node.id) ?? freshId(), position, data, parent })
  }
  const wires = edges.flatMap((edge) => {
    const [source, target] = [idOf.get(edge.source), idOf.get(edge.target)]
    return source === undefined || target === undefined ? [] : [wireLike(edge, source, target)]
  })
  return { pieces: { nodes: made, edges: wires }, idOf }
}

/** A node with a name that is free among its own; drawings need none. */
function named(node: GraphNode, graph: Graph): GraphNode {
  const { name } = node.data
  if (typeof name !== 'string' || name === '' || DRAWINGS.has(node.type)) return node
  const taken = namesTaken(graph, node.type, ownNamespace(node))
  return { ...node, data: { ...node.data, name: copyOf(name, taken) } }
}

function wireLike(edge: GraphEdge, source: string, target: string): GraphEdge {
  return { ...edge, id: freshId(), source, target, data: structuredClone(edge.data) }
}

/** Wires between duplicates and the nodes that the originals are wired to, unless a rule counts those out. */
function outerWires(graph: Graph, idOf: ReadonlyMap<string, string>, catalogue: Catalogue): GraphEdge[] {
  const all = [...graph.edges]
  for (const edge of graph.edges) {
    const [source, target] = [idOf.get(edge.source), idOf.get(edge.target)]
    if ((source === undefined) === (target === undefined)) continue
    if (takesMore(edge, source === undefined ? 'source' : 'target', all, catalogue))
      all.push(wireLike(edge, source ?? edge.source, target ?? edge.target))
  }
  return all.slice(graph.edges.length)
}

/** Whether the node at an end of a wire may have another one of the same rule. */
function takesMore(
  edge: GraphEdge,
  end: 'source' | 'target',
  edges: readonly GraphEdge[],
  catalogue: Catalogue,
): boolean {
  const rule = ruleOf(edge, catalogue)
  if (rule === null) return false
  const { per_source: perSource, per_target: perTarget } = rule.cardinality
  const most = end === 'source' ? perSource : perTarget
  if (most === null) return true
  const handle = `${end}Handle` as const
  const there = edges.filter(
    (other) =>
      other[end] === edge[end] &&
      ruleOf(other, catalogue)?.id === rule.id &&
      (!rule[end].handle || other[handle] === edge[handle]),
  )
  return there.length < most
}

/** The middle of the cards together. */
function middleOf(nodes: readonly GraphNode[]): Position {
  const [xs, ys] = [nodes.map(({ position }) => position.x), nodes.map(({ position }) => position.y)]
  if (nodes.length === 0) return { x: 0, y: 0 }
  return {
    x: (Math.min(...xs) + Math.max(...xs) + CARD_WIDTH) / 2,
    y: (Math.min(...ys) + Math.max(...ys) + CARD_HEIGHT) / 2,
  }
}

function within(place: number): number {
  return Math.min(FARTHEST, Math.max(-FARTHEST, place))
}
