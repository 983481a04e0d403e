import { BaseEdge, EdgeLabelRenderer, getBezierPath, type Edge, type EdgeProps } from '@xyflow/react'
import { Clock } from 'lucide-react'
import { memo } from 'react'
import type { Line } from '../graph/types'
import { useRun } from '../open/hooks'

export type WireData = {
  /** null: a rule this server does not know. */
  line: Line | null
  label: string
  /** The node whose readiness the other end waits for; null when it does not wait. */
  awaits: string | null
}
export type WireFlowEdge = Edge<WireData, 'wire'>

/** One wire: its line says what it carries, its label says it in words. */
export const Wire = memo(function Wire(props: EdgeProps<WireFlowEdge>) {
  const { data, markerEnd, id } = props
  const [path, x, y] = getBezierPath(props)
  const line = data?.line ?? 'unknown'
  const awaits = data?.awaits ?? null
  const waiting = useRun((state) => awaits !== null && state.nodes[awaits]?.state === 'waiting')
  return (
    <g data-wire={id} data-line={line} data-waiting={waiting || undefined} className="wire">
      <BaseEdge path={path} markerEnd={markerEnd} interactionWidth={0} />
      {line === 'order' && <path d={path} className="wire-core" />}
      <EdgeLabelRenderer>
        <span
          className="wire-label"
          data-line={line}
          style={{ transform: `translate(-50%, calc(-100% - 5px)) translate(${x}px, ${y}px)` }}
        >
          {line === 'order' && <Clock aria-hidden size={12} />}
          {data?.label}
        </span>
      </EdgeLabelRenderer>
    </g>
  )
})
