import { ViewportPortal } from '@xyflow/react'
import type { Guide } from '../graph/align'

/** The lines that a card being dragged shares with others. */
export function Guides({ guides }: { guides: readonly Guide[] }) {
  if (guides.length === 0) return null
  return (
    <ViewportPortal>
      {guides.map(({ axis, at, from, to }) => (
        <span
          key={`${axis} ${at}`}
          aria-hidden
          className="guide"
          style={
            axis === 'x'
              ? { left: at, top: from, width: 1, height: to - from }
              : { left: from, top: at, width: to - from, height: 1 }
          }
        />
      ))}
    </ViewportPortal>
  )
}
