import { toast } from '@/components/ui/toast'
import { announce } from '@/lib/a11y/announce'
import { tidyUp, type TidyUp } from '../graph/tidy/tidy'
import type { OpenWorkflow } from '../open/open-workflow'

let underWay: TidyUp | null = null

/** Lay out all cards, or those that are chosen, as one step; asked again while it works, it stops. */
export async function tidy({ graph, editing, stores, view }: OpenWorkflow): Promise<void> {
  if (underWay !== null) {
    underWay.cancel()
    return
  }
  const { nodes } = stores.canvas.getState().selection
  const ids = nodes.size > 1 ? nodes : null
  const begun = graph.getState().graph
  const tidying = tidyUp({ graph: begun, ids })
  underWay = tidying
  try {
    const positions = await tidying.done
    if (positions === null) return
    if (graph.getState().graph !== begun) {
      toast.failed('The graph was changed while it was laid out. Tidy it up again.')
      return
    }
    editing.move(positions, null, 'Tidy up')
    announce('Tidied up')
    if (ids === null) requestAnimationFrame(() => view.get()?.fit())
  } finally {
    underWay = null
  }
}
