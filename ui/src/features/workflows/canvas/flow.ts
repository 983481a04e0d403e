import { MarkerType } from '@xyflow/react'
import type { Schema } from '@/lib/api/client'
import { cardModel } from '../graph/card'
import { ruleOf, typeOf } from '../graph/graph'
import type { WiredValue } from '../graph/mirrors'
import { CARD_HEIGHT, CARD_WIDTH, positionsOf } from '../graph/layout'
import {
  DRAWINGS,
  type Catalogue,
  type Graph,
  type Issue,
  type NodeType,
  type Position,
} from '../graph/types'
import type { CardFlowNode } from './card'
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

/** The cards of a graph, as React Flow takes them. */
export function flowNodes({ graph, catalogue, wired, issues, namespace, unset }: Content): CardFlowNode[] {
  const positions = positionsOf(graph)
  const sides = wiredSides(graph, positions)
  return graph.nodes
    .filter((node) => !DRAWINGS.has(node.type))
    .map((node) => {
      const own = issues.filter((issue) => issue.node_id === node.id)
      const type = typeOf(node, catalogue)
      return {
        id: node.id,
        type: 'card',
        position: positions.get(node.id) ?? node.position,
        // React Flow draws wires and the map before it has measured
        initialWidth: CARD_WIDTH,
        initialHeight: CARD_HEIGHT,
        data: {
          model: cardModel(node, type, {
            namespace,
            wired: wired.get(node.id) ?? NONE,
          }),
          errors: own.filter((issue) => (issue.severity ?? 'error') === 'error').length,
          warnings: own.filter((issue) => issue.severity === 'warning').length,
          wires: graph.edges.filter(({ source, target }) => source === node.id || target === node.id).length,
          diagnosable: type?.actions.includes('diagnose') ?? false,
          unusable: unusableOf(type),
          unset: unset.get(node.id) ?? 0,
          sides: sides.get(node.id) ?? [],
        },
      }
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
  const positions = positionsOf(graph)
  return graph.edges.flatMap((edge) => {
    const [from, to] = [positions.get(edge.source), positions.get(edge.target)]
    if (from === undefined || to === undefined) return []
    const rule = ruleOf(edge, catalogue)
    const [out, into] = sidesBetween(from, to)
    const name = typeof edge.data.rule === 'string' ? edge.data.rule : edge.type
    return [
      {
        id: edge.id,
        type: 'wire',
        source: edge.source,
        target: edge.target,
        sourceHandle: `${out}-out`,
        targetHandle: `${into}-in`,
        markerEnd: ARROW,
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

/** How many keys of each secret node have no value. */
export function unsetKeys(answers: readonly (Schema<'SecretKeys'> | undefined)[]): Map<string, number> {
  const found = new Map<string, number>()
  for (const answer of answers) {
    if (answer !== undefined) found.set(answer.node_id, answer.keys.filter((key) => !key.set).length)
  }
  return found
}
