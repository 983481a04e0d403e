import { useEffect, useState, type PointerEvent as ReactPointerEvent } from 'react'
import { typesFor } from '../graph/fitting'
import type { NodeType, Position } from '../graph/types'
import type { LooseWire } from '../open/canvas-store'
import { useOpenWorkflow, type OpenWorkflow } from '../open/open-workflow'
import { useAdding } from './use-adding'

/** Less than this is a click. */
const LEAST_DRAG = 6

/** A type that is being dragged from the palette: where the pointer is; null while none is. */
export function usePlacing(type: NodeType): {
  placing: Position | null
  start: (event: ReactPointerEvent) => void
} {
  const open = useOpenWorkflow()
  const add = useAdding()
  const [begun, setBegun] = useState<Position | null>(null)
  const [placing, setPlacing] = useState<Position | null>(null)
  useEffect(() => {
    if (begun === null) return
    const stop = () => {
      setBegun(null)
      setPlacing(null)
    }
    const move = ({ clientX: x, clientY: y }: PointerEvent) => {
      if (Math.hypot(x - begun.x, y - begun.y) >= LEAST_DRAG) setPlacing({ x, y })
    }
    const drop = ({ clientX: x, clientY: y }: PointerEvent) => {
      stop()
      if (Math.hypot(x - begun.x, y - begun.y) < LEAST_DRAG) return
      // the click that follows the drag adds no second one
      window.addEventListener('click', swallow, { capture: true, once: true })
      setTimeout(() => window.removeEventListener('click', swallow, { capture: true }))
      const under = document.elementFromPoint(x, y)
      if (under?.closest('.react-flow') == null) return
      add(type, { x, y }, wireTo(open, under.closest<HTMLElement>('[data-card]')?.dataset.card, type))
    }
    const cancel = (event: KeyboardEvent) => {
      if (event.key === 'Escape') stop()
    }
    window.addEventListener('pointermove', move)
    window.addEventListener('pointerup', drop)
    window.addEventListener('pointercancel', stop)
    window.addEventListener('keydown', cancel)
    return () => {
      window.removeEventListener('pointermove', move)
      window.removeEventListener('pointerup', drop)
      window.removeEventListener('pointercancel', stop)
      window.removeEventListener('keydown', cancel)
    }
  }, [begun, type, open, add])
  return {
    placing,
    start: ({ button, clientX: x, clientY: y }) => {
      if (button === 0 && open.locked() === null) setBegun({ x, y })
    },
  }
}

function swallow(event: Event): void {
  event.preventDefault()
  event.stopPropagation()
}

/** The wire that a type dropped onto a card is drawn with, if there is just one way. */
function wireTo({ graph }: OpenWorkflow, nodeId: string | undefined, type: NodeType): LooseWire | null {
  if (nodeId === undefined) return null
  const { graph: drawn, catalogue } = graph.getState()
  const at = { nodeId, handle: null }
  const ways = (['source', 'target'] as const).filter((end) =>
    typesFor(drawn, catalogue, { at, end }).some((fitting) => fitting.type.type === type.type),
  )
  const [end] = ways
  return ways.length === 1 && end !== undefined ? { at, end } : null
}
