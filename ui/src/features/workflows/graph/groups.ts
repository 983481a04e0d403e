/** Groups and notes: drawings that frame and explain, and never reach a cluster. */
import { added, inTurn, regrouped, removed, withData, type Edit } from './edits'
import { CARD_HEIGHT, CARD_WIDTH } from './layout'
import { freshId } from './naming'
import {
  GROUP,
  NOTE,
  type Catalogue,
  type Graph,
  type GraphNode,
  type JsonObject,
  type Position,
} from './types'

export type Size = { width: number; height: number }

const AROUND = 24
const TITLE = 40
const LEAST: Size = { width: CARD_WIDTH + 2 * AROUND, height: 120 }
/** A folded group is as large as a card. */
const FOLDED: Size = { width: CARD_WIDTH, height: 104 }

/** What is drawn of a group. */
export function groupView(node: GraphNode, graph: Graph): { title: string; collapsed: boolean; size: Size } {
  const { title, collapsed } = node.data
  const isFolded = collapsed === true
  return {
    title: typeof title === 'string' && title !== '' ? title : 'Group',
    collapsed: isFolded,
    size: isFolded ? FOLDED : sizeAround(node, graph),
  }
}

/** As large as it was made, and never smaller than what stands in it. */
function sizeAround(group: GraphNode, graph: Graph): Size {
  const { width, height } = group.data
  const inside = graph.nodes.filter((node) => node.parent === group.id)
  const reach = (along: 'x' | 'y', card: number) =>
    Math.max(0, ...inside.map((node) => node.position[along] - group.position[along] + card + AROUND))
  return {
    width: Math.max(LEAST.width, typeof width === 'number' ? width : 0, reach('x', CARD_WIDTH)),
    height: Math.max(LEAST.height, typeof height === 'number' ? height : 0, reach('y', CARD_HEIGHT)),
  }
}

export function noteText({ data }: GraphNode): string {
  return typeof data.text === 'string' ? data.text : ''
}

/** Which nodes are out of sight in a folded group, and in which. */
export function foldedInto({ nodes }: Graph): Map<string, string> {
  const folded = new Set(
    nodes.filter(({ type, data }) => type === GROUP && data.collapsed === true).map(({ id }) => id),
  )
  if (folded.size === 0) return new Map()
  return new Map(
    nodes.flatMap(({ id, parent }) => (parent !== null && folded.has(parent) ? [[id, parent] as const] : [])),
  )
}

/** A frame round nodes; groups do not stand in groups. Null when there is nothing to frame. */
export function groupAround(
  graph: Graph,
  ids: ReadonlySet<string>,
  title: string,
): { id: string; edit: Edit } | null {
  const inside = graph.nodes.filter((node) => ids.has(node.id) && node.type !== GROUP)
  if (inside.length === 0) return null
  const id = freshId()
  const corner = {
    x: Math.min(...inside.map(({ position }) => position.x)) - AROUND,
    y: Math.min(...inside.map(({ position }) => position.y)) - AROUND - TITLE,
  }
  const group: GraphNode = { id, type: GROUP, position: corner, data: { title }, parent: null }
  return {
    id,
    edit: inTurn(added([group]), regrouped(new Set(inside.map((node) => node.id)), id)),
  }
}

/** Take frames away; what stood in them stays. */
export function ungrouped(graph: Graph, ids: ReadonlySet<string>): Edit {
  const groups = graph.nodes.filter((node) => ids.has(node.id) && node.type === GROUP).map(({ id }) => id)
  return removed({ nodes: new Set(groups), edges: new Set() })
}

/** Fold a group, or unfold it. */
export function folded(id: string, collapsed: boolean, catalogue: Catalogue): Edit {
  const change = (data: JsonObject) => {
    if ((data.collapsed === true) === collapsed) return data
    const others = Object.fromEntries(Object.entries(data).filter(([key]) => key !== 'collapsed'))
    return collapsed ? { ...others, collapsed } : others
  }
  return withData(id, change, catalogue)
}

export function newNote(at: Position, text = ''): GraphNode {
  return { id: freshId(), type: NOTE, position: at, data: { text }, parent: null }
}

/** The group, if any, whose frame a place lies in. */
export function groupAt(graph: Graph, place: Position): string | null {
  const found = graph.nodes.find((node) => {
    if (node.type !== GROUP || node.data.collapsed === true) return false
    const { width, height } = sizeAround(node, graph)
    const [x, y] = [place.x - node.position.x, place.y - node.position.y]
    return x >= 0 && y >= 0 && x <= width && y <= height
  })
  return found?.id ?? null
}
