import { applyNodeChanges, type EdgeChange, type NodeChange } from '@xyflow/react'
import { useCallback, useMemo, useState } from 'react'
import { useCanvas } from '../open/hooks'
import { dragged, type Box, type Guide } from '../graph/align'
import type { Selected } from '../graph/edits'
import { CARD_HEIGHT, CARD_WIDTH } from '../graph/layout'
import type { Position } from '../graph/types'
import { useOpenWorkflow } from '../open/open-workflow'
import type { AnyFlowNode } from './flow'
import type { WireFlowEdge } from './wire'

type Drawn = {
  content: readonly AnyFlowNode[]
  selection: Selected
  nodes: AnyFlowNode[]
  guides: readonly Guide[]
}

const NO_GUIDES: readonly Guide[] = []

/**
 * The nodes as React Flow has them: those of the graph, where they are dragged to and how large they were measured.
 *
 * A drag reaches the graph when it ends; until then only the dragged cards are others.
 */
export function useDrawnNodes(content: readonly AnyFlowNode[]): {
  nodes: AnyFlowNode[]
  /** The lines that a card being dragged shares with others. */
  guides: readonly Guide[]
  onNodesChange: (changes: NodeChange<AnyFlowNode>[]) => void
} {
  const { stores } = useOpenWorkflow()
  const selection = useCanvas((state) => state.selection)
  const [drawn, setDrawn] = useState<Drawn>(() => ({
    content,
    selection,
    nodes: merged([], content, selection),
    guides: NO_GUIDES,
  }))
  const now =
    drawn.content === content && drawn.selection === selection
      ? drawn
      : { ...drawn, content, selection, nodes: merged(drawn.nodes, content, selection) }
  if (now !== drawn) setDrawn(now)
  const onNodesChange = useCallback(
    (changes: NodeChange<AnyFlowNode>[]) => {
      const own = changes.filter(({ type }) => type === 'position' || type === 'dimensions')
      if (own.length > 0)
        setDrawn((last) => {
          const held = onGuides(own, last.nodes)
          return {
            ...last,
            nodes: applyNodeChanges([...held.changes, ...carried(held.changes, last.nodes)], last.nodes),
            guides: held.guides,
          }
        })
      const selected = changes.filter((change) => change.type === 'select')
      if (selected.length > 0)
        stores.canvas.setState(({ selection: before }) => ({
          selection: { ...before, nodes: toggled(before.nodes, selected) },
        }))
    },
    [stores],
  )
  return { nodes: now.nodes, guides: now.guides, onNodesChange }
}

/** The wires with their selection. */
export function useDrawnEdges(content: readonly WireFlowEdge[]): {
  edges: WireFlowEdge[]
  onEdgesChange: (changes: EdgeChange<WireFlowEdge>[]) => void
} {
  const { stores } = useOpenWorkflow()
  const selected = useCanvas((state) => state.selection.edges)
  const edges = useMemo(
    () => content.map((edge) => (selected.has(edge.id) ? { ...edge, selected: true } : edge)),
    [content, selected],
  )
  const onEdgesChange = useCallback(
    (changes: EdgeChange<WireFlowEdge>[]) => {
      const chosen = changes.filter((change) => change.type === 'select')
      if (chosen.length > 0)
        stores.canvas.setState(({ selection }) => ({
          selection: { ...selection, edges: toggled(selection.edges, chosen) },
        }))
    },
    [stores],
  )
  return { edges, onEdgesChange }
}

function toggled(
  before: ReadonlySet<string>,
  changes: readonly { id: string; selected: boolean }[],
): ReadonlySet<string> {
  const after = new Set(before)
  for (const { id, selected } of changes) {
    if (selected) after.add(id)
    else after.delete(id)
  }
  return after
}

/** What is drawn now, with all that has not changed kept as it was. */
function merged(
  before: readonly AnyFlowNode[],
  content: readonly AnyFlowNode[],
  selection: Selected,
): AnyFlowNode[] {
  const known = new Map(before.map((node) => [node.id, node]))
  return content.map((node) => {
    const last = known.get(node.id)
    const selected = selection.nodes.has(node.id)
    if (last === undefined) return { ...node, selected }
    const position = last.dragging === true ? last.position : node.position
    if (
      last.data === node.data &&
      last.selected === selected &&
      isAt(last.position, position) &&
      last.hidden === node.hidden &&
      last.width === node.width &&
      last.height === node.height
    )
      return last
    return {
      ...node,
      selected,
      position,
      ...(last.measured && { measured: last.measured }),
      ...(last.dragging && { dragging: true }),
    }
  })
}

function isAt(left: Position, right: Position): boolean {
  return left.x === right.x && left.y === right.y
}

/** One card that is dragged is drawn to the lines of others, and none is while it rests or several move. */
function onGuides(
  changes: readonly NodeChange<AnyFlowNode>[],
  nodes: readonly AnyFlowNode[],
): { changes: NodeChange<AnyFlowNode>[]; guides: readonly Guide[] } {
  const moves = changes.filter((change) => change.type === 'position')
  const [move] = moves
  const node = nodes.find(({ id }) => id === move?.id)
  if (moves.length !== 1 || move?.position === undefined || move.dragging !== true || node?.type !== 'card')
    return { changes: [...changes], guides: NO_GUIDES }
  const boxOf = (each: AnyFlowNode, at: Position): Box => ({
    id: each.id,
    ...at,
    width: each.measured?.width ?? CARD_WIDTH,
    height: each.measured?.height ?? CARD_HEIGHT,
  })
  const others = nodes.filter((each) => each.type === 'card' && each.id !== node.id && each.hidden !== true)
  const held = dragged(
    boxOf(node, move.position),
    others.map((each) => boxOf(each, each.position)),
  )
  return {
    changes: changes.map((change) => (change === move ? { ...move, position: held.position } : change)),
    guides: held.guides,
  }
}

/** What stands in a group that is dragged goes with it. */
function carried(
  changes: readonly NodeChange<AnyFlowNode>[],
  nodes: readonly AnyFlowNode[],
): NodeChange<AnyFlowNode>[] {
  const by = new Map<string, Position>()
  for (const change of changes) {
    if (change.type !== 'position' || change.position === undefined) continue
    const group = nodes.find((node) => node.id === change.id && node.type === 'group')
    if (group !== undefined)
      by.set(group.id, { x: change.position.x - group.position.x, y: change.position.y - group.position.y })
  }
  if (by.size === 0) return []
  const moving = new Set(changes.map((change) => ('id' in change ? change.id : '')))
  return nodes.flatMap((node): NodeChange<AnyFlowNode>[] => {
    const step = node.type === 'group' || node.data.parent === null ? undefined : by.get(node.data.parent)
    if (step === undefined || moving.has(node.id)) return []
    return [
      {
        type: 'position',
        id: node.id,
        position: { x: node.position.x + step.x, y: node.position.y + step.y },
      },
    ]
  })
}
