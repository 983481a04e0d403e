import type { ElkNode } from 'elkjs/lib/elk-api.js'
import { CARD_HEIGHT, CARD_WIDTH } from '../layout'
import type { Graph, GraphNode, Position } from '../types'

/** How large cards are, by node; those that nobody has measured are of the usual size. */
export type Sizes = ReadonlyMap<string, { width: number; height: number }>

const OPTIONS = {
  'elk.algorithm': 'layered',
  'elk.direction': 'RIGHT',
  'elk.hierarchyHandling': 'INCLUDE_CHILDREN',
  'elk.spacing.nodeNode': '32',
  'elk.spacing.componentComponent': '64',
  'elk.layered.spacing.nodeNodeBetweenLayers': '128',
  // what is drawn alike is laid out alike
  'elk.layered.considerModelOrder.strategy': 'NODES_AND_EDGES',
}
/** Room round what stands in a group, with its title above. */
export const GROUP_PADDING = { top: 48, side: 24 }
const { top, side } = GROUP_PADDING
const GROUP_OPTIONS = { 'elk.padding': `[top=${top},left=${side},bottom=${side},right=${side}]` }

/** A graph as ELK takes it: cards with their sizes, those in a group inside of it. */
export function elkGraph({ nodes, edges }: Graph, sizes: Sizes): ElkNode {
  const inside = new Map<string, GraphNode[]>()
  const known = new Set(nodes.map(({ id }) => id))
  const isInside = ({ parent }: GraphNode) => parent !== null && known.has(parent)
  for (const node of nodes.filter(isInside)) {
    const parent = node.parent ?? ''
    inside.set(parent, [...(inside.get(parent) ?? []), node])
  }
  const card = ({ id }: GraphNode): ElkNode => {
    const size = sizes.get(id) ?? { width: CARD_WIDTH, height: CARD_HEIGHT }
    const children = inside.get(id)
    return children === undefined
      ? { id, ...size }
      : { id, layoutOptions: GROUP_OPTIONS, children: children.map(card) }
  }
  return {
    // no id of a node is empty
    id: '',
    layoutOptions: OPTIONS,
    children: nodes.filter((node) => !isInside(node)).map(card),
    edges: edges
      .filter(({ source, target }) => known.has(source) && known.has(target))
      .map(({ id, source, target }) => ({ id, sources: [source], targets: [target] })),
  }
}

/** Where ELK has put each card, counted from the corner of the whole. */
export function placesIn(laidOut: ElkNode): Map<string, Position> {
  const found = new Map<string, Position>()
  const collect = ({ children = [] }: ElkNode, from: Position) => {
    for (const child of children) {
      const at = { x: from.x + (child.x ?? 0), y: from.y + (child.y ?? 0) }
      found.set(child.id, at)
      collect(child, at)
    }
  }
  collect(laidOut, { x: 0, y: 0 })
  return found
}
