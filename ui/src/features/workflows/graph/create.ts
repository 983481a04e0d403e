import { endsOf, type Place } from './edits'
import { freshId, nameFrom, namesTaken } from './naming'
import type { Graph, GraphEdge, GraphNode, NodeType, Position, Rule } from './types'

/** Cards are put on a grid of this many pixels. */
export const GRID = 8

/** The nearest place on the grid. */
export function snapped({ x, y }: Position): Position {
  return { x: Math.round(x / GRID) * GRID, y: Math.round(y / GRID) * GRID }
}

/** A new node of a type or preset, with its defaults and a name that is free. */
export function nodeOfType(type: NodeType, graph: Graph, at: Position): GraphNode {
  const name = nameFrom(type.name_pattern, namesTaken(graph, type.node_type))
  return {
    id: freshId(),
    type: type.node_type,
    position: snapped(at),
    data: { ...structuredClone(type.defaults), name },
    parent: null,
  }
}

/** A new wire by a rule, with the rule's defaults. */
export function wireOfRule(rule: Rule, source: Place, target: Place): GraphEdge {
  return { id: freshId(), ...endsOf({ source, target }), ...drawnBy(rule) }
}

/** How a wire of a rule is kept: its kind, and its options as they are at first. */
export function drawnBy(rule: Rule): Pick<GraphEdge, 'type' | 'data'> {
  return { type: rule.edge_type, data: { ...structuredClone(rule.edge_defaults), rule: rule.id } }
}
