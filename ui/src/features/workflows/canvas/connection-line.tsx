import { getBezierPath, type ConnectionLineComponentProps } from '@xyflow/react'
import { Plus } from 'lucide-react'
import { createPortal } from 'react-dom'
import { useReadable } from '../open/view'
import type { ConnectingStore } from './connecting'

/** The line of a wire that is being drawn; over a card that refuses it, it is dashed, red and stopped. */
export function connectionLineOf(store: ConnectingStore) {
  return function ConnectionLine(props: ConnectionLineComponentProps) {
    const over = useReadable(store, ({ now }) => now?.over ?? null)
    const { fromX, fromY, toX, toY, fromPosition, toPosition } = props
    const [path] = getBezierPath({
      sourceX: fromX,
      sourceY: fromY,
      sourcePosition: fromPosition,
      targetX: toX,
      targetY: toY,
      targetPosition: toPosition,
    })
    const verdict = over === null ? 'open' : over.verdict.ok ? 'ok' : 'no'
    return (
      <g data-verdict={verdict} className="wire-drawn">
        <path d={path} />
        {verdict === 'no' && <path d={`M ${toX - 8} ${toY - 8} l 16 16 m 0 -16 l -16 16`} />}
      </g>
    )
  }
}

/** Beside the pointer while a wire is drawn: what letting go would do. */
export function ConnectionHint({ store }: { store: ConnectingStore }) {
  const over = useReadable(store, ({ now }) => now?.over ?? null)
  if (over === null) return null
  const { verdict, point } = over
  return createPortal(
    <div
      aria-hidden
      data-refused={!verdict.ok || undefined}
      className="wire-hint"
      style={{ left: point.x + 14, top: point.y + 14 }}
    >
      {verdict.ok ? (
        <>
          <Plus size={13} />
          {verdict.rules.map(({ label }) => label).join(' · ')}
        </>
      ) : (
        verdict.message
      )}
    </div>,
    document.body,
  )
}
