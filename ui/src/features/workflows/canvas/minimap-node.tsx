import type { MiniMapNodeProps } from '@xyflow/react'
import { lookOf, type Tone } from '@/components/status/states'
import { markOnCard } from '../open/runs/describe-run'
import { useRun, useStatus } from '../open/hooks'
import { staleSinceOf } from '../open/status'

const COLOURS: Record<Tone, string> = {
  ok: 'var(--status-ok)',
  busy: 'var(--status-busy)',
  idle: 'var(--status-idle)',
  warn: 'var(--status-warn)',
  bad: 'var(--status-bad)',
  missing: 'var(--status-missing)',
}

/** A card on the map: its place, and the shape of its state. */
export function MinimapNode({ id, x, y, width, height }: MiniMapNodeProps) {
  const status = useStatus((state) => state.statuses[id])
  const unheard = useStatus((state) => state.unheardSince)
  const step = useRun((state) => markOnCard(state, id))
  const stale = step === null && staleSinceOf(status, unheard) !== null
  const tone = stale ? 'idle' : lookOf(step ?? status?.state ?? 'not_deployed').tone
  return (
    <g>
      <rect
        x={x}
        y={y}
        width={width}
        height={height}
        rx={14}
        fill="var(--sunken)"
        stroke="var(--line-strong)"
        strokeWidth={4}
      />
      <Shape tone={tone} x={x + width / 2} y={y + height / 2} />
    </g>
  )
}

function Shape({ tone, x, y }: { tone: Tone; x: number; y: number }) {
  const colour = COLOURS[tone]
  const line = { fill: 'none', stroke: colour, strokeWidth: 12 }
  switch (tone) {
    case 'ok':
      return <circle cx={x} cy={y} r={28} fill={colour} />
    case 'busy':
      return <circle cx={x} cy={y} r={26} {...line} strokeDasharray="120 44" />
    case 'warn':
      return <path d={`M ${x} ${y - 32} l 34 58 h -68 z`} fill={colour} />
    case 'bad':
      return <rect x={x - 28} y={y - 28} width={56} height={56} fill={colour} />
    case 'missing':
      return <circle cx={x} cy={y} r={26} {...line} strokeDasharray="16 12" />
    case 'idle':
      return <circle cx={x} cy={y} r={22} {...line} strokeWidth={8} />
  }
}
