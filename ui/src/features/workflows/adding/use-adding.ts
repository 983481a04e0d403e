import { useCallback } from 'react'
import { setPrefs, usePrefs } from '@/lib/storage/prefs'
import { CARD_HEIGHT, CARD_WIDTH } from '../graph/layout'
import type { NodeType, Position } from '../graph/types'
import type { LooseWire } from '../open/canvas-store'
import { useOpenWorkflow } from '../open/open-workflow'
import { usedNow } from './type-list'

type Add = (type: NodeType, point?: Position | null, from?: LooseWire | null) => void

/** Add a node of a type: at a point of the screen, else in the middle of what is seen. */
export function useAdding(): Add {
  const { editing, view } = useOpenWorkflow()
  return useCallback(
    (type, point = null, from = null) => {
      const seen = view.get()
      const middle = (point === null ? seen?.centre() : seen?.toGraph(point)) ?? { x: 0, y: 0 }
      const left = from !== null && from.end === 'source' ? 0 : from === null ? CARD_WIDTH / 2 : CARD_WIDTH
      editing.add(type, { x: middle.x - left, y: middle.y - (from === null ? CARD_HEIGHT / 2 : 29) }, from)
      setPrefs({ recents: usedNow(usePrefs.getState().recents, type.type) })
    },
    [editing, view],
  )
}
