/**
 * Edits of a graph: each gives another graph, shares with the old one all that it leaves alone, and gives the very
 * same graph when there is nothing to do. None leaves a wire without an end.
 */
import { isObject, lookup } from '@/lib/schema/conditions'
import type { Catalogue, Graph, GraphEdge, GraphNode, JsonObject, Position } from './types'
import { typeOf } from './graph'

export type Edit = (graph: Graph) => Graph

/** Nodes and wires by id. */
export type Selected = { nodes: ReadonlySet<string>; edges: ReadonlySet<string> }

/** One end of a wire: a node, and the handle on it unless the wire is at the card as a whole. */
export type Place = { nodeId: string; handle: string | null }

/** Put in nodes and wires; wires that would lead nowhere stay out. */
export function added(nodes: readonly GraphNode[], edges: readonly GraphEdge[] = []): Edit {
  return (graph) => {
    if (nodes.length === 0 && edges.length === 0) return graph
    const all = nodes.length === 0 ? graph.nodes : [...graph.nodes, ...nodes]
    const known = new Set(all.map((node) => node.id))
    const whole = edges.filter(({ source, target }) => known.has(source) && known.has(target))
    return { nodes: all, edges: [...graph.edges, ...whole] }
  }
}

/** Take out nodes and wires, and the wires of those nodes; what was in a group stays, outside of it. */
export function removed({ nodes, edges }: Selected): Edit {
  return (graph) => {
    const left = graph.nodes.filter((node) => !nodes.has(node.id))
    const wires = graph.edges.filter(
      ({ id, source, target }) => !edges.has(id) && !nodes.has(source) && !nodes.has(target),
    )
    if (left.length === graph.nodes.length && wires.length === graph.edges.length) return graph
    return {
      nodes: left.map((node) =>
        node.parent !== null && nodes.has(node.parent) ? { ...node, parent: null } : node,
      ),
      edges: wires,
    }
  }
}

/** Put nodes elsewhere. */
export function moved(positions: ReadonlyMap<string, Position>): Edit {
  return eachNode((node) => {
    const to = positions.get(node.id)
    if (to === undefined || (to.x === node.position.x && to.y === node.position.y)) return node
    return { ...node, position: { x: to.x, y: to.y } }
  })
}

/** Put nodes into a group, or out of any: null. */
export function regrouped(ids: ReadonlySet<string>, parent: string | null): Edit {
  return eachNode((node) => (ids.has(node.id) && node.parent !== parent ? { ...node, parent } : node))
}

/** Change the values of one node; wires at items that are gone with it go as well. */
export function withData(id: string, change: (data: JsonObject) => JsonObject, catalogue: Catalogue): Edit {
  return (graph) => {
    const next = eachNode((node) => {
      if (node.id !== id) return node
      const data = change(node.data)
      return data === node.data ? node : { ...node, data }
    })(graph)
    return next === graph ? graph : withoutLooseHandles(next, id, catalogue)
  }
}

/** Change the options of one wire. */
export function withOptions(id: string, change: (data: JsonObject) => JsonObject): Edit {
  return eachEdge((edge) => {
    if (edge.id !== id) return edge
    const data = change(edge.data)
    return data === edge.data ? edge : { ...edge, data }
  })
}

/** Put one end of a wire elsewhere, drawn by the rule that holds there. */
export function reattached(
  id: string,
  ends: { source: Place; target: Place },
  drawn: Pick<GraphEdge, 'type' | 'data'>,
): Edit {
  return (graph) => {
    const known = new Set(graph.nodes.map((node) => node.id))
    if (!known.has(ends.source.nodeId) || !known.has(ends.target.nodeId)) return graph
    return eachEdge((edge) => (edge.id === id ? { ...edge, ...drawn, ...endsOf(ends) } : edge))(graph)
  }
}

/** Both ends as a wire keeps them. */
export function endsOf({ source, target }: { source: Place; target: Place }) {
  return {
    source: source.nodeId,
    sourceHandle: source.handle,
    target: target.nodeId,
    targetHandle: target.handle,
  }
}

/** One after the other. */
export function inTurn(...edits: readonly Edit[]): Edit {
  return (graph) => edits.reduce((made, edit) => edit(made), graph)
}

/** Whether a handle belongs to an item of a list that its node does not have, or to no handle of its type. */
export function isHandleGone(node: GraphNode, handle: string | null, catalogue: Catalogue): boolean {
  const type = typeOf(node, catalogue)
  if (handle === null || type === undefined) return false
  const [name = handle, ...rest] = handle.split(':')
  const item = rest.join(':')
  const found = type.handles.find((each) => each.id === name)
  const each = found?.each ?? ''
  if (found === undefined || (each !== '') !== handle.includes(':')) return true
  if (each === '') return false
  const items = lookup(node.data, each)
  return !Array.isArray(items) || !items.some((entry) => isObject(entry) && entry.id === item)
}

function withoutLooseHandles(graph: Graph, id: string, catalogue: Catalogue): Graph {
  const node = graph.nodes.find((each) => each.id === id)
  if (node === undefined) return graph
  const edges = graph.edges.filter(
    ({ source, sourceHandle, target, targetHandle }) =>
      !(source === id && isHandleGone(node, sourceHandle, catalogue)) &&
      !(target === id && isHandleGone(node, targetHandle, catalogue)),
  )
  return edges.length === graph.edges.length ? graph : { ...graph, edges }
}

function eachNode(change: (node: GraphNode) => GraphNode): Edit {
  return (graph) => {
    const nodes = graph.nodes.map(change)
    return nodes.every((node, index) => node === graph.nodes[index]) ? graph : { ...graph, nodes }
  }
}

function eachEdge(change: (edge: GraphEdge) => GraphEdge): Edit {
  return (graph) => {
    const edges = graph.edges.map(change)
    return edges.every((edge, index) => edge === graph.edges[index]) ? graph : { ...graph, edges }
  }
}
