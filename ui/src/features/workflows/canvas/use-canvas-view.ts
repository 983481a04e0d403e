import { useReactFlow, useStoreApi } from '@xyflow/react'
import { useEffect, useMemo } from 'react'
import { calm } from '@/lib/a11y/calm'
import type { CanvasView } from '../open/canvas-view'
import { useOpenWorkflow } from '../open/open-workflow'
import { CARD_HEIGHT, CARD_WIDTH } from '../graph/layout'
import { FIT } from './fit'

const MOVE_MS = 200

/** Let the rest of the page see, and be shown, what is drawn. */
export function useCanvasView(): CanvasView {
  const { view, graph, stores } = useOpenWorkflow()
  const flow = useReactFlow()
  const store = useStoreApi()
  const made = useMemo((): CanvasView => {
    const duration = () => (calm() ? 0 : MOVE_MS)
    const placeOf = (id: string) => graph.getState().graph.nodes.find((node) => node.id === id)?.position
    const reveal = (id: string) => {
      const at = placeOf(id)
      const pane = store.getState().domNode?.getBoundingClientRect()
      if (at === undefined || pane === undefined) return
      const start = flow.flowToScreenPosition(at)
      const end = flow.flowToScreenPosition({ x: at.x + CARD_WIDTH, y: at.y + CARD_HEIGHT })
      const inside =
        start.x >= pane.left && end.x <= pane.right && start.y >= pane.top && end.y <= pane.bottom
      if (inside) return
      void flow.setCenter(at.x + CARD_WIDTH / 2, at.y + CARD_HEIGHT / 2, {
        zoom: flow.getZoom(),
        duration: duration(),
      })
    }
    return {
      centre: () => {
        const pane = store.getState().domNode?.getBoundingClientRect()
        if (pane === undefined) return { x: 0, y: 0 }
        return flow.screenToFlowPosition({ x: pane.left + pane.width / 2, y: pane.top + pane.height / 2 })
      },
      toGraph: (point) => flow.screenToFlowPosition(point),
      toScreen: (place) => flow.flowToScreenPosition(place),
      zoomIn: () => void flow.zoomIn({ duration: duration() }),
      zoomOut: () => void flow.zoomOut({ duration: duration() }),
      zoomTo: (zoom) => void flow.zoomTo(zoom, { duration: duration() }),
      fit: (ids) =>
        void flow.fitView({
          ...FIT,
          duration: duration(),
          ...(ids && ids.size > 0 && { nodes: [...ids].map((id) => ({ id })) }),
        }),
      reveal,
      focus: (id) => {
        stores.canvas.setState({ activeId: id })
        document
          .querySelector<HTMLElement>(`[data-card-button="${CSS.escape(id)}"]`)
          ?.focus({ preventScroll: true })
        reveal(id)
      },
    }
  }, [flow, store, graph, stores])
  useEffect(() => view.take(made), [view, made])
  return made
}
