import { MarkerType } from '@xyflow/react'
import type { Schema } from '@/lib/api/client'
import { cardModel } from '../graph/card'
import { isObject, lookup } from '@/lib/schema/conditions'
import { isHandleGone } from '../graph/edits'
import { foldedInto, groupView, noteText } from '../graph/groups'
import { ruleOf, typeOf } from '../graph/graph'
import type { WiredValue } from '../graph/mirrors'
import { CARD_HEIGHT, CARD_WIDTH, positionsOf } from '../graph/layout'
import {
  DRAWINGS,
  GROUP,
  NOTE,
  type Catalogue,
  type Graph,
  type GraphNode,
  type Issue,
  type NodeType,
  type Position,
} from '../graph/types'
import type { CardFlowNode, HandleItem } from './card'
import type { Ghost } from '../open/canvas-store'
import { itemHandle } from './connecting'
import type { GhostFlowNode } from './ghost-card'
import type { GroupFlowNode } from './group-frame'
import type { NoteFlowNode } from './note-card'
import type { WireFlowEdge } from './wire'

type Content = {
  graph: Graph
  catalogue: Catalogue
  wired: ReadonlyMap<string, readonly WiredValue[]>
  issues: readonly Issue[]
  namespace: string
  unset: ReadonlyMap<string, number>
}

const NONE: readonly WiredValue[] = []

export type AnyFlowNode = CardFlowNode | NoteFlowNode | GroupFlowNode | GhostFlowNode

/** The cards, notes and groups of a graph, as React Flow takes them; groups first, so that they lie behind. */
export function flowNodes(content: Content): AnyFlowNode[] {
  const { graph } = content
  const positions = positionsOf(graph)
  const sides = wiredSides(graph, positions)
  const wires = wireCounts(graph)
  const issues = issuesByNode(content.issues)
  const folded = foldedInto(graph)
  const groups = graph.nodes.filter((node) => node.type === GROUP).map((node) => groupNode(node, graph))
  const notes = graph.nodes.filter((node) => node.type === NOTE).map((node) => noteNode(node, folded))
  const cards = graph.nodes
    .filter((node) => !DRAWINGS.has(node.type))
    .map((node) => {
      const own = issues.get(node.id) ?? NO_ISSUES
      const type = typeOf(node, content.catalogue)
      return {
        id: node.id,
        type: 'card' as const,
        position: node.position,
        // React Flow draws wires and the map before it has measured
        initialWidth: CARD_WIDTH,
        initialHeight: CARD_HEIGHT,
        hidden: folded.has(node.id),
        data: {
          model: cardModel(node, type, {
            namespace: content.namespace,
            wired: content.wired.get(node.id) ?? NONE,
          }),
          parent: node.parent,
          errors: own.filter((issue) => (issue.severity ?? 'error') === 'error').length,
          warnings: own.filter((issue) => issue.severity === 'warning').length,
          wires: wires.get(node.id) ?? 0,
          diagnosable: type?.actions.includes('diagnose') ?? false,
          unusable: unusableOf(type),
          unset: content.unset.get(node.id) ?? 0,
          sides: sides.get(node.id) ?? [],
          items: handleItems(node, type),
        },
      }
    })
  return [...groups, ...cards, ...notes]
}

const NO_ISSUES: readonly Issue[] = []

function issuesByNode(issues: readonly Issue[]): Map<string, Issue[]> {
  const found = new Map<string, Issue[]>()
  for (const issue of issues) {
    if (issue.node_id == null) continue
    found.set(issue.node_id, [...(found.get(issue.node_id) ?? []), issue])
  }
  return found
}

function wireCounts({ edges }: Graph): Map<string, number> {
  const found = new Map<string, number>()
  for (const { source, target } of edges)
    for (const id of new Set([source, target])) found.set(id, (found.get(id) ?? 0) + 1)
  return found
}

/** The items of a node that wires can begin at, such as the paths of an ingress. */
export function handleItems(node: GraphNode, type: NodeType | undefined): HandleItem[] {
  return (type?.handles ?? []).flatMap(({ id: name, side, title, each }) => {
    const items: unknown = each == null ? [] : lookup(node.data, each)
    if (!Array.isArray(items)) return []
    return items.flatMap((item: unknown, index) => {
      if (!isObject(item) || typeof item.id !== 'string') return []
      const word = [item.path, item.name, item.host].find((each) => typeof each === 'string' && each !== '')
      const label = typeof word === 'string' ? word : `${index + 1}`
      return [{ handle: `${name}:${item.id}`, side, label: `${title} ${label}` }]
    })
  })
}

/** Why a type cannot be used on the workflow's cluster; empty while it can, or while nobody knows. */
function unusableOf(type: NodeType | undefined): string {
  const { state = 'ok', reason } = type?.availability ?? {}
  return state === 'ok' || state === 'unknown' ? '' : (reason ?? 'It cannot be used on this cluster.')
}

const ARROW = {
  type: MarkerType.ArrowClosed,
  color: 'var(--line-strong)',
  width: 18,
  height: 18,
  markerUnits: 'userSpaceOnUse',
}

/** The wires of a graph; each leaves and enters the sides that face each other. */
export function flowEdges(graph: Graph, catalogue: Catalogue): WireFlowEdge[] {
  const nodes = new Map(graph.nodes.map((node) => [node.id, node]))
  const folded = foldedInto(graph)
  return graph.edges.flatMap((edge) => {
    const [source, target] = [folded.get(edge.source) ?? edge.source, folded.get(edge.target) ?? edge.target]
    const [from, to] = [nodes.get(source), nodes.get(target)]
    if (from === undefined || to === undefined || source === target) return []
    const rule = ruleOf(edge, catalogue)
    const [out, into] = sidesBetween(from.position, to.position)
    const name = typeof edge.data.rule === 'string' ? edge.data.rule : edge.type
    const atItem = edge.sourceHandle?.includes(':') === true && source === edge.source
    const isThere = atItem && !isHandleGone(from, edge.sourceHandle, catalogue)
    return [
      {
        id: edge.id,
        type: 'wire',
        source,
        target,
        sourceHandle: isThere && edge.sourceHandle !== null ? itemHandle(edge.sourceHandle) : `${out}-out`,
        targetHandle: `${into}-in`,
        markerEnd: ARROW,
        // a wire is chosen by a click on its line, and by keys from its cards
        interactionWidth: 20,
        data: {
          line: rule?.line ?? null,
          label: rule?.label ?? name,
          awaits: rule?.line === 'order' ? edge.target : null,
        },
      },
    ]
  })
}

function wiredSides({ edges }: Graph, positions: ReadonlyMap<string, Position>): Map<string, Side[]> {
  const found = new Map<string, Side[]>()
  for (const { source, target } of edges) {
    const [from, to] = [positions.get(source), positions.get(target)]
    if (from === undefined || to === undefined) continue
    const [out, into] = sidesBetween(from, to)
    found.set(source, [...(found.get(source) ?? []), out])
    found.set(target, [...(found.get(target) ?? []), into])
  }
  return found
}

export type Side = 'left' | 'right' | 'top' | 'bottom'

/** Which sides of two cards face each other. */
export function sidesBetween(from: Position, to: Position): [Side, Side] {
  if (to.x >= from.x + CARD_WIDTH) return ['right', 'left']
  if (to.x + CARD_WIDTH <= from.x) return ['left', 'right']
  return to.y >= from.y ? ['bottom', 'top'] : ['top', 'bottom']
}

const GHOST_GAP = 32
const GHOSTS_IN_A_ROW = 4
const GHOST_HEIGHT = 88

/** What a plan takes away, in rows under the graph. */
export function ghostNodes(ghosts: readonly Ghost[], { nodes }: Graph): GhostFlowNode[] {
  const left = Math.min(...nodes.map(({ position }) => position.x), Infinity)
  const low = Math.max(...nodes.map(({ position }) => position.y + CARD_HEIGHT), -Infinity)
  const corner = nodes.length === 0 ? { x: 0, y: 0 } : { x: left, y: low + GHOST_GAP }
  return ghosts.map(({ id, name, kind, look }, index) => ({
    id: `ghost ${id}`,
    type: 'ghost',
    position: {
      x: corner.x + (index % GHOSTS_IN_A_ROW) * (CARD_WIDTH + GHOST_GAP),
      y: corner.y + Math.floor(index / GHOSTS_IN_A_ROW) * (GHOST_HEIGHT + GHOST_GAP),
    },
    draggable: false,
    selectable: false,
    connectable: false,
    data: { name, kind, look, parent: null },
  }))
}

function groupNode(node: GraphNode, graph: Graph): GroupFlowNode {
  const { title, collapsed, size } = groupView(node, graph)
  return {
    id: node.id,
    type: 'group',
    position: node.position,
    initialWidth: size.width,
    initialHeight: size.height,
    width: size.width,
    height: size.height,
    zIndex: -1,
    hidden: false,
    data: {
      title,
      collapsed,
      members: graph.nodes
        .filter((each) => each.parent === node.id && !DRAWINGS.has(each.type))
        .map(({ id }) => id),
    },
  }
}

function noteNode(node: GraphNode, folded: ReadonlyMap<string, string>): NoteFlowNode {
  return {
    id: node.id,
    type: 'note',
    position: node.position,
    hidden: folded.has(node.id),
    data: { text: noteText(node), parent: node.parent },
  }
}

/** How many keys of each secret node have no value. */
export function unsetKeys(answers: readonly (Schema<'SecretKeys'> | undefined)[]): Map<string, number> {
  const found = new Map<string, number>()
  for (const answer of answers) {
    if (answer !== undefined) found.set(answer.node_id, answer.keys.filter((key) => !key.set).length)
  }
  return found
}
