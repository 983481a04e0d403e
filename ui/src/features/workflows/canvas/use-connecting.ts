import type { HandleType, OnConnectEnd, OnConnectStart } from '@xyflow/react'
import { useEffect, useMemo } from 'react'
import { announce } from '@/lib/a11y/announce'
import type { Place } from '../graph/edits'
import type { Position } from '../graph/types'
import type { Verdict } from '../graph/verdicts'
import type { Asked, LooseWire } from '../open/canvas-store'
import type { Editing } from '../open/editing'
import { useOpenWorkflow, type OpenWorkflow } from '../open/open-workflow'
import { cardAt, endsWith, handleOf, markCards, type ConnectingStore } from './connecting'
import type { WireFlowEdge } from './wire'

interface Connecting {
  onConnectStart: OnConnectStart
  onConnectEnd: OnConnectEnd
  onReconnectStart: (event: unknown, edge: WireFlowEdge, fixed: HandleType) => void
  onReconnectEnd: (event: MouseEvent | TouchEvent) => void
}

/** Drawing wires: verdicts on all cards at the start, on the one under the pointer, and what becomes of the drop. */
export function useConnecting(store: ConnectingStore): Connecting {
  const open = useOpenWorkflow()
  useHover(store, open)
  return useMemo(() => {
    const begin = (loose: LooseWire, edgeId: string | null) => {
      store.setState({ now: { loose, edgeId, over: null } })
      const verdict = verdictsFrom(open.editing, loose, edgeId)
      markCards((id) => (id === loose.at.nodeId ? null : verdict({ nodeId: id, handle: null })))
    }
    const end = (event: MouseEvent | TouchEvent) => {
      const { now } = store.getState()
      store.setState({ now: null })
      markCards(() => null)
      if (now === null) return
      const point = pointOf(event)
      const over = cardAt(point)
      if (over === null) {
        if (now.edgeId === null && isOverPane(point)) ask(open, { kind: 'add', point, from: now.loose })
        return
      }
      if (over === now.loose.at.nodeId && now.edgeId === null) return
      drop(open, endsWith(now.loose, { nodeId: over, handle: null }), now.edgeId, point)
    }
    return {
      onConnectStart: (_event, { nodeId, handleId, handleType }) => {
        if (nodeId === null) return
        const at = { nodeId, handle: handleOf(handleId) }
        begin({ at, end: handleType ?? 'source' }, null)
      },
      onConnectEnd: end,
      onReconnectStart: (_event, edge, fixed) => {
        const drawn = open.graph.getState().graph.edges.find(({ id }) => id === edge.id)
        if (drawn === undefined) return
        const at =
          fixed === 'source'
            ? { nodeId: drawn.source, handle: drawn.sourceHandle }
            : { nodeId: drawn.target, handle: drawn.targetHandle }
        begin({ at, end: fixed }, edge.id)
      },
      onReconnectEnd: end,
    }
  }, [store, open])
}

/** What a wire from here would be told at any other place. */
function verdictsFrom(
  { judge, judgeWithout }: Editing,
  loose: LooseWire,
  edgeId: string | null,
): (other: Place) => Verdict {
  const decide =
    edgeId === null ? judge : (source: Place, target: Place) => judgeWithout(edgeId, source, target)
  return (other) => {
    const { source, target } = endsWith(loose, other)
    return decide(source, target)
  }
}

function ask({ stores }: OpenWorkflow, asked: Asked): void {
  stores.canvas.setState({ asked })
}

/** Draw the wire by the one rule that allows it, ask which of several, or say why none does. */
export function drop(
  open: OpenWorkflow,
  { source, target }: { source: Place; target: Place },
  edgeId: string | null,
  point: Position,
): void {
  const { editing } = open
  const verdict =
    edgeId === null ? editing.judge(source, target) : editing.judgeWithout(edgeId, source, target)
  if (!verdict.ok) {
    announce(verdict.message)
    ask(open, { kind: 'refused', point, refused: verdict, source, target })
    return
  }
  const [only, ...more] = verdict.rules
  const drawn = open.graph.getState().graph.edges.find(({ id }) => id === edgeId)
  const same = verdict.rules.find(({ id }) => id === drawn?.data.rule)
  if (edgeId !== null && (same ?? (more.length === 0 ? only : undefined)) !== undefined) {
    const rule = same ?? only
    if (rule !== undefined) editing.reattach(edgeId, rule, source, target)
    return
  }
  if (only !== undefined && more.length === 0) editing.connect(only, source, target)
  else ask(open, { kind: 'choose', point, rules: verdict.rules, source, target, instead: edgeId })
}

/** Follow the pointer while a wire is drawn: whoever stops on a card hears and sees what would become of it. */
function useHover(store: ConnectingStore, open: OpenWorkflow): void {
  useEffect(() => {
    const follow = (event: PointerEvent) => {
      const { now } = store.getState()
      if (now === null) return
      const point = { x: event.clientX, y: event.clientY }
      const nodeId = cardAt(point)
      if (nodeId === null || nodeId === now.loose.at.nodeId) {
        if (now.over !== null) store.setState({ now: { ...now, over: null } })
        return
      }
      if (nodeId === now.over?.nodeId) {
        store.setState({ now: { ...now, over: { ...now.over, point } } })
        return
      }
      const verdict = verdictsFrom(open.editing, now.loose, now.edgeId)({ nodeId, handle: null })
      announce(verdict.ok ? `Connect to ${open.graph.getState().nameOf(nodeId)}` : verdict.message)
      store.setState({ now: { ...now, over: { nodeId, verdict, point } } })
    }
    window.addEventListener('pointermove', follow)
    return () => window.removeEventListener('pointermove', follow)
  }, [store, open])
}

function isOverPane({ x, y }: Position): boolean {
  return document.elementFromPoint(x, y)?.closest('.react-flow__pane') !== null
}

function pointOf(event: MouseEvent | TouchEvent): Position {
  const point = 'changedTouches' in event ? event.changedTouches[0] : event
  return { x: point?.clientX ?? 0, y: point?.clientY ?? 0 }
}
