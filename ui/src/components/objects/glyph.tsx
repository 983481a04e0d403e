import type { Tone } from '@/components/status/states'
import { cx } from '@/lib/format/classes'
import type { ActionLook } from './actions'

const TONES: Record<Tone, string> = {
  ok: 'bg-status-ok-bg text-status-ok',
  busy: 'bg-status-busy-bg text-status-busy',
  idle: 'bg-status-idle-bg text-status-idle',
  warn: 'bg-status-warn-bg text-status-warn',
  bad: 'bg-status-bad-bg text-status-bad',
  missing: 'bg-status-missing-bg text-status-missing',
}

interface GlyphProps {
  look: ActionLook
  /** The word stands beside it already. */
  worded?: boolean
  className?: string
}

/** What becomes of a thing, as a sign with its word. */
export function Glyph({ look, worded = false, className }: GlyphProps) {
  return (
    <span
      data-glyph={look.glyph}
      title={`${look.word}: ${look.meaning}`}
      className={cx(
        'inline-grid size-5 shrink-0 place-items-center rounded-control font-mono text-mono font-bold',
        TONES[look.tone],
        className,
      )}
    >
      <span aria-hidden>{look.glyph}</span>
      {!worded && <span className="sr-only">{look.word}</span>}
    </span>
  )
}
