import { endsOf, type Place } from './edits'
import { freshId, nameFrom, namesTaken } from './naming'
import { CARD_HEIGHT, CARD_WIDTH } from './layout'
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

const GAP = 32
const FARTHEST_RING = 40

/** The place nearest to a wanted one where a card lies on no other. */
export function freePlace({ nodes }: Graph, wanted: Position): Position {
  const start = snapped(wanted)
  const isFree = ({ x, y }: Position) =>
    nodes.every(
      ({ position }) =>
        Math.abs(position.x - x) >= CARD_WIDTH + GAP || Math.abs(position.y - y) >= CARD_HEIGHT + GAP,
    )
  for (let ring = 0; ring < FARTHEST_RING; ring += 1) {
    const found = ringAround(start, ring).find(isFree)
    if (found !== undefined) return found
  }
  return start
}

/** Places a number of cards away, the nearest first; rows are nearer than columns are wide. */
function ringAround({ x, y }: Position, ring: number): Position[] {
  if (ring === 0) return [{ x, y }]
  const steps = Array.from({ length: 2 * ring + 1 }, (_, index) => index - ring)
  return steps
    .flatMap((across) => steps.map((down) => [across, down] as const))
    .filter(([across, down]) => Math.max(Math.abs(across), Math.abs(down)) === ring)
    .map(([across, down]) => ({
      place: { x: x + across * (CARD_WIDTH + GAP), y: y + down * (CARD_HEIGHT + GAP) },
      far: Math.hypot(across * CARD_WIDTH, down * CARD_HEIGHT),
    }))
    .sort((left, right) => left.far - right.far)
    .map(({ place }) => place)
}
