import { useReactFlow } from '@xyflow/react'
import { useCallback, type KeyboardEvent } from 'react'
import { nearest, neighbours, type Direction } from '../graph/nearest'
import { CARD_HEIGHT, CARD_WIDTH } from '../graph/layout'
import type { Position } from '../graph/types'
import { FIT } from './fit'
import { useGraph } from '../open/hooks'
import { useOpenWorkflow } from '../open/open-workflow'

const ARROWS: Record<string, Direction> = {
  ArrowLeft: 'left',
  ArrowRight: 'right',
  ArrowUp: 'up',
  ArrowDown: 'down',
}
const MOVE_MS = 200

function calm(): boolean {
  return window.matchMedia('(prefers-reduced-motion: reduce)').matches
}

/** Bring a card into view, if it is not. */
export function useReveal(positions: ReadonlyMap<string, Position>): (id: string) => void {
  const { setCenter, getZoom, flowToScreenPosition } = useReactFlow()
  return useCallback(
    (id: string) => {
      const at = positions.get(id)
      const pane = cardButton(id)?.closest('.react-flow')?.getBoundingClientRect()
      if (at === undefined || pane === undefined) return
      const start = flowToScreenPosition(at)
      const end = flowToScreenPosition({ x: at.x + CARD_WIDTH, y: at.y + CARD_HEIGHT })
      const inside =
        start.x >= pane.left && end.x <= pane.right && start.y >= pane.top && end.y <= pane.bottom
      if (inside) return
      void setCenter(at.x + CARD_WIDTH / 2, at.y + CARD_HEIGHT / 2, {
        zoom: getZoom(),
        duration: calm() ? 0 : MOVE_MS,
      })
    },
    [positions, setCenter, getZoom, flowToScreenPosition],
  )
}

function cardButton(id: string): HTMLElement | null {
  return document.querySelector<HTMLElement>(`[data-card-button="${CSS.escape(id)}"]`)
}

/** Keys of the canvas: arrows walk from card to card, `.` and `,` along wires, digits and signs zoom. */
export function useCanvasKeys(
  positions: ReadonlyMap<string, Position>,
  reveal: (id: string) => void,
): (event: KeyboardEvent) => void {
  const { zoomIn, zoomOut, zoomTo, fitView } = useReactFlow()
  const { graph } = useGraph()
  const { stores } = useOpenWorkflow()
  const focusCard = (id: string) => {
    stores.canvas.setState({ activeId: id })
    cardButton(id)?.focus({ preventScroll: true })
    reveal(id)
  }
  return (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const from = stores.canvas.getState().activeId
    const direction = ARROWS[event.key]
    if (direction !== undefined) {
      const next = from === null ? null : nearest(from, direction, positions)
      if (next !== null) focusCard(next)
      event.preventDefault()
      return
    }
    switch (event.key) {
      case '.':
      case ',': {
        const around = from === null ? [] : neighbours(from, graph.edges)
        const next = event.key === '.' ? around[0] : around.at(-1)
        if (next !== undefined) focusCard(next)
        return
      }
      case '+':
      case '=':
        void zoomIn()
        return
      case '-':
        void zoomOut()
        return
      case '0':
        void zoomTo(1)
        return
      case '1':
        void fitView(FIT)
        return
      default:
        return
    }
  }
}
