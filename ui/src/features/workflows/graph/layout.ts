import type { Graph, GraphEdge, GraphNode, Position } from './types'

export const CARD_WIDTH = 240
/** Of a tall card, with a message: laid out cards never lie on each other. */
export const CARD_HEIGHT = 224
const GAP_X = 128
const GAP_Y = 32

/** The graph with a place for every card: as saved, or laid out when the cards were never placed. */
export function placed(graph: Graph): Graph {
  if (arePlaced(graph.nodes)) return graph
  const places = layered(graph)
  return {
    ...graph,
    nodes: graph.nodes.map((node) => ({ ...node, position: places.get(node.id) ?? node.position })),
  }
}

/** Where the cards of a graph are. */
export function positionsOf({ nodes }: Graph): Map<string, Position> {
  return new Map(nodes.map((node) => [node.id, node.position]))
}

/** Whether somebody has placed the cards; those of an import or a script often all stand at 0, 0. */
export function arePlaced(nodes: readonly GraphNode[]): boolean {
  const atNought = nodes.filter(({ position: { x, y } }) => x === 0 && y === 0)
  return (
    atNought.length < 2 && nodes.every(({ position: { x, y } }) => Number.isFinite(x) && Number.isFinite(y))
  )
}

/**
 * Put the cards in layers from left to right: each behind all that point to it, near the middle of its neighbours.
 *
 * Simple and always the same for the same graph; wires that close a circle are left out of account.
 */
export function layered({ nodes, edges }: Graph): Map<string, Position> {
  const ids = nodes.map((node) => node.id)
  const known = new Set(ids)
  const wires = edges.filter(
    ({ source, target }) => known.has(source) && known.has(target) && source !== target,
  )
  const layers = layersOf(ids, wires)
  order(layers, wires)
  const tallest = Math.max(0, ...layers.map((layer) => layer.length))
  const found = new Map<string, Position>()
  layers.forEach((layer, column) => {
    const top = ((tallest - layer.length) * (CARD_HEIGHT + GAP_Y)) / 2
    layer.forEach((id, row) => {
      found.set(id, { x: column * (CARD_WIDTH + GAP_X), y: top + row * (CARD_HEIGHT + GAP_Y) })
    })
  })
  return found
}

function placeOf(places: ReadonlyMap<string, number>, id: string): number {
  return places.get(id) ?? 0
}

function layersOf(ids: readonly string[], wires: readonly GraphEdge[]): string[][] {
  const depth = new Map(ids.map((id) => [id, 0]))
  const deepen = () => {
    let moved = false
    for (const { source, target } of wires) {
      const wanted = placeOf(depth, source) + 1
      if (wanted > placeOf(depth, target) && wanted < ids.length) {
        depth.set(target, wanted)
        moved = true
      }
    }
    return moved
  }
  // as many rounds as there are cards: a longest way is found by then, and a circle grows no further
  let rounds = ids.length
  while (rounds > 0 && deepen()) rounds -= 1
  pullRight(ids, wires, depth)
  const used = [...new Set(depth.values())].sort((left, right) => left - right)
  return used.map((level) => ids.filter((id) => depth.get(id) === level))
}

/** What nothing points to stands beside what it points to, so that its wires pass under no other card. */
function pullRight(ids: readonly string[], wires: readonly GraphEdge[], depth: Map<string, number>): void {
  for (const id of ids) {
    if (wires.some((wire) => wire.target === id)) continue
    const ahead = wires.filter((wire) => wire.source === id).map((wire) => placeOf(depth, wire.target))
    if (ahead.length > 0) depth.set(id, Math.max(0, Math.min(...ahead) - 1))
  }
}

/** Sort each layer by the middle of its neighbours in the layer before, then once back. */
function order(layers: string[][], wires: readonly GraphEdge[]): void {
  const sweep = (layer: string[], before: string[], near: (wire: GraphEdge, id: string) => string | null) => {
    const rank = new Map(before.map((id, index) => [id, index]))
    const middle = new Map(
      layer.map((id, index) => {
        const ranks = wires.flatMap((wire) => {
          const other = near(wire, id)
          const found = other === null ? undefined : rank.get(other)
          return found === undefined ? [] : [found]
        })
        return [id, ranks.length === 0 ? index : ranks.reduce((sum, value) => sum + value, 0) / ranks.length]
      }),
    )
    layer.sort((left, right) => placeOf(middle, left) - placeOf(middle, right))
  }
  const backwards = [...layers].reverse()
  layers.forEach((layer, at) => {
    const before = layers[at - 1]
    if (before) sweep(layer, before, (wire, id) => (wire.target === id ? wire.source : null))
  })
  backwards.forEach((layer, at) => {
    const after = backwards[at - 1]
    if (after) sweep(layer, after, (wire, id) => (wire.source === id ? wire.target : null))
  })
}
