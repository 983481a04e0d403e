import { ClockAlert } from 'lucide-react'
import { cx } from '@/lib/format/classes'
import { formatClock, formatDuration } from '@/lib/time/time'
import { useNow } from '@/lib/time/use-now'
import { lookOf, type Tone } from './states'

const TONES: Record<Tone, { text: string; chip: string }> = {
  ok: { text: 'text-status-ok', chip: 'bg-status-ok-bg text-status-ok' },
  busy: { text: 'text-status-busy', chip: 'bg-status-busy-bg text-status-busy' },
  idle: { text: 'text-status-idle', chip: 'bg-status-idle-bg text-status-idle' },
  warn: { text: 'text-status-warn', chip: 'bg-status-warn-bg text-status-warn' },
  bad: { text: 'text-status-bad', chip: 'bg-status-bad-bg text-status-bad' },
  missing: { text: 'text-status-missing', chip: 'bg-status-missing-bg text-status-missing' },
}

interface StatusMarkProps {
  state: string
  /** `chip` has a background, `plain` none, `shape` keeps the word for screen readers alone. */
  variant?: 'chip' | 'plain' | 'shape'
  /** Since when the state is no longer known to be true (RFC 3339): greyed, hatched, with its age. */
  staleSince?: string | null
  /** Instead of the state's own word, such as "3 healthy". */
  word?: string
  size?: number
  className?: string
}

/** A state as shape, word and colour: never as colour alone. */
export function StatusMark({
  state,
  staleSince,
  variant = 'chip',
  word,
  size = 14,
  className,
}: StatusMarkProps) {
  const look = lookOf(state)
  const stale = Boolean(staleSince)
  const Shape = stale ? ClockAlert : look.shape
  const tone = TONES[stale ? 'idle' : look.tone]
  return (
    <span
      data-state={state}
      data-stale={stale || undefined}
      className={cx(
        'inline-flex max-w-full items-center align-middle gap-1.5 whitespace-nowrap text-meta font-medium',
        variant === 'chip' ? cx('h-6 rounded-full px-2', tone.chip, stale && 'hatch') : tone.text,
        className,
      )}
    >
      <Shape
        aria-hidden
        size={size}
        strokeWidth={2.25}
        className={cx('shrink-0', look.moving && !stale && 'motion-safe:animate-[spin_1.6s_linear_infinite]')}
      />
      <span className={cx('truncate', variant === 'shape' && 'sr-only')}>
        {word ?? look.word}
        {staleSince && <StaleAge since={staleSince} />}
      </span>
    </span>
  )
}

function StaleAge({ since }: { since: string }) {
  const now = useNow()
  const at = Date.parse(since)
  return `, as of ${formatClock(at)} (${formatDuration(now - at)})`
}
