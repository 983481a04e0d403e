import { ClockAlert, RotateCw, TriangleAlert, Info, OctagonX, type LucideIcon } from 'lucide-react'
import { useEffect, useState, type ReactNode } from 'react'
import type { ApiError } from '@/lib/api/error'
import { cx } from '@/lib/format/classes'
import { formatClock, formatDuration } from '@/lib/time/time'
import { useNow } from '@/lib/time/use-now'
import { Button } from './button'
import { CopyButton } from './copy-button'

interface EmptyPanelProps {
  icon: LucideIcon
  title: string
  children?: ReactNode
  action?: ReactNode
}

/** Nothing to show: why, and what to do first. */
export function EmptyPanel({ icon: Icon, title, children, action }: EmptyPanelProps) {
  return (
    <section className="flex flex-col items-center px-6 py-16 text-center">
      <span className="grid size-12 place-items-center rounded-card border border-line bg-canvas text-text-muted">
        <Icon aria-hidden size={22} strokeWidth={1.75} />
      </span>
      <h2 className="mt-4 text-title font-semibold">{title}</h2>
      {children && <div className="mt-1 max-w-md text-body text-balance text-text-muted">{children}</div>}
      {action && <div className="mt-5 flex flex-wrap justify-center gap-2">{action}</div>}
    </section>
  )
}

/** What a refusal is called, before the server's own sentence. */
function titleOf(error: ApiError, what: string): string {
  if (error.status === 0) return 'No answer'
  if (error.status === 403) return `You may not see ${what}`
  if (error.status === 404) return 'Not found'
  if (error.status === 429) return 'Too many requests'
  if (error.status === 503) return 'Not available at the moment'
  return `Could not load ${what}`
}

interface ErrorPanelProps {
  error: ApiError
  /** What was asked for: "the workflows". */
  what: string
  onRetry?: () => void
  busy?: boolean
  children?: ReactNode
}

/** A refusal in place of what it kept away: sentence, code, request id, retry. */
export function ErrorPanel({ error, what, onRetry, busy = false, children }: ErrorPanelProps) {
  const wait = useCountdown(error.retryAfter)
  return (
    <section role="alert" className="flex flex-col items-center px-6 py-14 text-center">
      <span className="grid size-12 place-items-center rounded-card bg-status-bad-bg text-status-bad">
        <OctagonX aria-hidden size={22} strokeWidth={1.75} />
      </span>
      <h2 className="mt-4 text-title font-semibold">{titleOf(error, what)}</h2>
      <p className="mt-1 max-w-lg text-body text-balance text-text-muted">{error.message}</p>
      <ErrorCode error={error} />
      <div className="mt-4 flex flex-wrap justify-center gap-2">
        {onRetry && (
          <Button icon={RotateCw} busy={busy} onClick={onRetry} disabled={wait > 0}>
            {wait > 0 ? `Retry in ${wait} s` : 'Retry'}
          </Button>
        )}
        {children}
      </div>
    </section>
  )
}

/** Code and request id of a refusal, to be copied into a report. */
export function ErrorCode({ error }: { error: ApiError }) {
  return (
    <p className="mt-2 flex min-h-8 flex-wrap items-center justify-center gap-x-2 text-meta text-text-muted">
      <code>{error.code}</code>
      {error.requestId && (
        <>
          <span>
            request <code>{error.requestId}</code>
          </span>
          <CopyButton text={error.requestId} label="Copy request id" />
        </>
      )}
    </p>
  )
}

const BANNERS = {
  info: { icon: Info, look: 'border-line bg-sunken text-text' },
  warn: { icon: TriangleAlert, look: 'border-transparent bg-status-warn-bg text-status-warn' },
  bad: { icon: OctagonX, look: 'border-transparent bg-status-bad-bg text-status-bad' },
} as const

interface BannerProps {
  tone?: keyof typeof BANNERS
  children: ReactNode
  action?: ReactNode
  alert?: boolean
}

/** A remark above what it is about. */
export function Banner({ tone = 'info', children, action, alert = false }: BannerProps) {
  const { icon: Icon, look } = BANNERS[tone]
  return (
    <div
      role={alert ? 'alert' : 'note'}
      className={cx('flex items-start gap-2.5 rounded-control border px-3 py-2 text-dense', look)}
    >
      <Icon aria-hidden size={16} className="mt-0.5 shrink-0" />
      <div className="min-w-0 grow break-words">{children}</div>
      {action}
    </div>
  )
}

/** What is shown is from an earlier time, because it could not be asked for again. */
export function StaleBanner({ at, error, onRetry }: { at: number; error: ApiError; onRetry: () => void }) {
  const now = useNow()
  return (
    <div
      role="note"
      className="hatch mb-3 flex flex-wrap items-center gap-2.5 rounded-control border border-line bg-status-idle-bg px-3 py-1.5 text-dense text-status-idle"
    >
      <ClockAlert aria-hidden size={16} className="shrink-0" />
      <span className="grow">
        As of {formatClock(at)} ({formatDuration(now - at)}). {error.message}
      </span>
      <Button variant="ghost" icon={RotateCw} onClick={onRetry}>
        Retry
      </Button>
    </div>
  )
}

/** Whole seconds left of a wait, counting down to 0. */
export function useCountdown(seconds: number | null): number {
  const [from, setFrom] = useState({ seconds, left: seconds ?? 0 })
  if (from.seconds !== seconds) setFrom({ seconds, left: seconds ?? 0 })
  const running = from.left > 0
  useEffect(() => {
    if (!running) return
    const timer = setInterval(
      () => setFrom((state) => ({ ...state, left: Math.max(0, state.left - 1) })),
      1000,
    )
    return () => clearInterval(timer)
  }, [running])
  return from.left
}
