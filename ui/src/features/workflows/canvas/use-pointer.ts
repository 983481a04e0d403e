import { useMemo } from 'react'
import type { ReactFlowProps } from '@xyflow/react'
import { toast } from '@/components/ui/toast'
import { count } from '@/lib/format/numbers'
import { duplicated } from '../graph/clipboard'
import { added, regrouped } from '../graph/edits'
import { groupAt } from '../graph/groups'
import { NOTHING_SELECTED } from '../open/canvas-store'
import { useOpenWorkflow, type OpenWorkflow } from '../open/open-workflow'
import { CARD_HEIGHT, CARD_WIDTH } from '../graph/layout'
import type { AnyFlowNode } from './flow'
import type { WireFlowEdge } from './wire'

type Handlers = Pick<
  ReactFlowProps<AnyFlowNode, WireFlowEdge>,
  | 'onNodeClick'
  | 'onEdgeClick'
  | 'onPaneClick'
  | 'onNodeDragStart'
  | 'onNodeDragStop'
  | 'onSelectionDragStop'
  | 'onDoubleClick'
>

/** What clicks and drags on the canvas do. */
export function usePointer(): Handlers {
  const open = useOpenWorkflow()
  return useMemo(() => handlersOf(open), [open])
}

function handlersOf(open: OpenWorkflow): Handlers {
  const { stores, show, address, editing, view } = open
  return {
    onNodeClick: (event, node) => {
      stores.canvas.setState({ activeId: node.id })
      // with a key that gathers, a click chooses and opens nothing
      if (node.type !== 'card' || event.shiftKey || event.ctrlKey || event.metaKey) return
      const { target } = event
      const why = target instanceof Element && target.closest('[data-why]') !== null
      show(node.id, why ? 'diagnosis' : undefined)
    },
    onEdgeClick: (_event, edge) => {
      stores.canvas.setState({ selection: { nodes: new Set(), edges: new Set([edge.id]) } })
      address.change({ node: null, wire: edge.id })
    },
    onPaneClick: () => {
      stores.canvas.setState({ selection: NOTHING_SELECTED, asked: null })
      address.change({ node: null, wire: null })
    },
    onNodeDragStop: (event, _node, dragged) => {
      if (event.altKey) doubled(open, dragged)
      else dropped(open, dragged)
    },
    onSelectionDragStop: (_event, dragged) => dropped(open, dragged),
    onDoubleClick: ({ target, clientX: x, clientY: y }) => {
      const isPane = target instanceof Element && target.closest('.react-flow__pane') !== null
      if (!isPane || open.locked() !== null || view.get() === null) return
      stores.canvas.setState({ asked: { kind: 'add', point: { x, y }, from: null } })
    },
  }
  function dropped(of: OpenWorkflow, dragged: readonly AnyFlowNode[]) {
    const going = `drag ${Date.now()}`
    editing.move(new Map(dragged.map((node) => [node.id, node.position])), going)
    adopt(of, dragged, going)
    of.draft.settle()
  }
}

/** With Alt the cards stay, and others like them stand where they were let go. */
function doubled({ graph, draft, editing }: OpenWorkflow, dragged: readonly AnyFlowNode[]): void {
  const { graph: drawn, catalogue, limits } = graph.getState()
  const first = dragged[0]
  const from = drawn.nodes.find(({ id }) => id === first?.id)?.position
  if (first === undefined || from === undefined) return
  const by = { x: first.position.x - from.x, y: first.position.y - from.y }
  const pieces = duplicated(drawn, new Set(dragged.map(({ id }) => id)), catalogue, limits, by)
  if (!pieces.ok) {
    toast.failed(pieces.message)
    return
  }
  draft.settle()
  const ids = pieces.nodes.map(({ id }) => id)
  editing.insert(`Duplicate ${count(ids.length, 'node')}`, added(pieces.nodes, pieces.edges), ids)
}

/** What is dropped into a frame belongs to its group, and what is taken out of it no longer does. */
function adopt({ graph, draft, locked }: OpenWorkflow, dragged: readonly AnyFlowNode[], going: string): void {
  if (locked() !== null) return
  const ids = new Set(dragged.map(({ id }) => id))
  for (const node of dragged) {
    if (node.type === 'group' || (node.data.parent !== null && ids.has(node.data.parent))) continue
    const middle = { x: node.position.x + CARD_WIDTH / 2, y: node.position.y + CARD_HEIGHT / 3 }
    const { graph: drawn } = graph.getState()
    const label = draft.getState().history.past.at(-1)?.label ?? 'Move'
    draft.edit(label, regrouped(new Set([node.id]), ownFrame(drawn, node, middle)), going)
  }
}

/** The frame a place is in, as large as it is without the node that was dragged. */
function ownFrame(
  graph: ReturnType<OpenWorkflow['graph']['getState']>['graph'],
  node: AnyFlowNode,
  middle: { x: number; y: number },
): string | null {
  return groupAt({ ...graph, nodes: graph.nodes.filter(({ id }) => id !== node.id) }, middle)
}
