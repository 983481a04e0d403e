import type { ElkNode } from 'elkjs/lib/elk-api.js'
import { snapped } from '../create'
import { layered } from '../layout'
import { DRAWINGS, type Graph, type GraphNode, type Position } from '../types'
import { elkGraph, GROUP_PADDING, placesIn, type Sizes } from './elk-graph'

/** A layout that is being worked out. */
export type Layouting = { done: Promise<ElkNode>; stop: () => void }
export type Engine = (graph: ElkNode) => Layouting | Promise<Layouting>

/** A tidy-up under way; `done` gives where cards go, or null once it was cancelled. */
export type TidyUp = { done: Promise<Map<string, Position> | null>; cancel: () => void }

type Wanted = {
  graph: Graph
  /** The nodes to lay out, and what stands in those that are groups; null: all. */
  ids: ReadonlySet<string> | null
  sizes?: Sizes
}

/** After so long a simple layout answers instead. */
const PATIENCE_MS = 10_000

/** ELK is large: it comes when somebody first asks for it, and works in a worker. */
const inWorker: Engine = async (graph) => (await import('./elk-worker')).layOutInWorker(graph)

/** Lay out cards from left to right along their wires; the upper left corner of them all stays where it was. */
export function tidyUp({ graph, ids, sizes = new Map() }: Wanted, engine: Engine = inWorker): TidyUp {
  const part = partOf(graph, ids)
  let end: (laidOut: ElkNode | 'late' | null) => void = () => undefined
  const ended = new Promise<ElkNode | 'late' | null>((resolve) => {
    end = resolve
  })
  const started = Promise.resolve(elkGraph(part, sizes)).then(engine)
  const stop = () => void started.then((layouting) => layouting.stop()).catch(() => undefined)
  const timer = setTimeout(() => end('late'), PATIENCE_MS)
  // an engine that fails, as where no worker may be had, is as one that is late
  started.then(({ done }) => done).then(end, () => end('late'))
  return {
    done: ended.then((laidOut) => {
      clearTimeout(timer)
      stop()
      if (laidOut === null) return null
      return inPlace(part, laidOut === 'late' ? simply(part) : placesIn(laidOut))
    }),
    cancel: () => end(null),
  }
}

/** What is laid out: cards, and groups with what is in them. */
function partOf({ nodes, edges }: Graph, ids: ReadonlySet<string> | null): Graph {
  const groups = new Set(nodes.map(({ parent }) => parent))
  const isMeant = ({ id, parent }: GraphNode) =>
    ids === null || ids.has(id) || (parent !== null && ids.has(parent))
  return {
    nodes: nodes.filter((node) => isMeant(node) && (!DRAWINGS.has(node.type) || groups.has(node.id))),
    edges,
  }
}

/** The simple layout, with groups round what is in them. */
function simply({ nodes, edges }: Graph): Map<string, Position> {
  const places = layered({ nodes: nodes.filter((node) => !DRAWINGS.has(node.type)), edges })
  for (const { id, type } of nodes) {
    if (!DRAWINGS.has(type)) continue
    const inside = nodes.flatMap((node) => (node.parent === id ? (places.get(node.id) ?? []) : []))
    const corner = cornerOf(inside)
    places.set(id, { x: corner.x - GROUP_PADDING.side, y: corner.y - GROUP_PADDING.top })
  }
  return places
}

/** Places on the grid, moved so that their upper left corner is that of the cards as they stand. */
function inPlace({ nodes }: Graph, places: ReadonlyMap<string, Position>): Map<string, Position> {
  const [from, to] = [cornerOf([...places.values()]), cornerOf(nodes.map(({ position }) => position))]
  const by = { x: to.x - from.x, y: to.y - from.y }
  return new Map([...places].map(([id, { x, y }]) => [id, snapped({ x: x + by.x, y: y + by.y })]))
}

function cornerOf(places: readonly Position[]): Position {
  if (places.length === 0) return { x: 0, y: 0 }
  return { x: Math.min(...places.map(({ x }) => x)), y: Math.min(...places.map(({ y }) => y)) }
}
