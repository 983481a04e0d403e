import { Popover } from 'radix-ui'
import { cx } from '@/lib/format/classes'
import { count } from '@/lib/format/numbers'
import { formatAbsolute, formatDuration } from '@/lib/time/time'
import { useNow } from '@/lib/time/use-now'
import { lookOfConnection, type ConnectionLook } from './connection-words'
import { streamClient, useConnection } from '@/lib/stream/stream'
import type { ConnectionSnapshot } from '@/lib/stream/types'

const TONES: Record<ConnectionLook['tone'], string> = {
  ok: 'text-status-ok',
  busy: 'text-status-busy',
  idle: 'text-status-idle',
  warn: 'bg-status-warn-bg text-status-warn',
  bad: 'bg-status-bad-bg text-status-bad',
}

/** How the live connection is: icon and word, more on request. Nothing while nobody listens to anything. */
export function ConnectionChip() {
  const connection = useConnection()
  const now = useNow(1_000)
  if (connection.state === 'idle') return null
  const { word, icon: Icon, tone } = lookOfConnection(connection, now)
  const waits = connection.nextTryAt !== null
  return (
    <span
      className={cx(
        'inline-flex h-7 items-center rounded-full text-meta font-medium whitespace-nowrap',
        TONES[tone],
      )}
    >
      <Popover.Root>
        <Popover.Trigger
          aria-label={`Connection: ${word}`}
          data-connection={connection.state}
          className="inline-flex h-7 items-center gap-1.5 rounded-full px-2.5 hover:brightness-95"
        >
          <Icon aria-hidden size={14} strokeWidth={2.25} className="shrink-0" />
          <span className={cx('tabular', tone !== 'ok' && 'max-sm:sr-only')}>{word}</span>
        </Popover.Trigger>
        <Popover.Portal>
          <Popover.Content
            align="end"
            sideOffset={6}
            collisionPadding={8}
            className="z-50 w-80 max-w-[calc(100vw-16px)] animate-fade-in rounded-card border border-line bg-raised p-4 text-dense shadow-float outline-none"
          >
            <Details connection={connection} now={now} />
          </Popover.Content>
        </Popover.Portal>
      </Popover.Root>
      {waits && (
        <button
          type="button"
          onClick={() => streamClient().now()}
          className="mr-0.5 h-6 rounded-full px-2 underline underline-offset-2 hover:no-underline"
        >
          Now
        </button>
      )}
    </span>
  )
}

function Details({ connection, now }: { connection: ConnectionSnapshot; now: number }) {
  const { word, meaning } = lookOfConnection(connection, now)
  return (
    <>
      <h2 className="text-body font-semibold">{word}</h2>
      <p className="mt-0.5 text-text-muted">{meaning}</p>
      <dl className="mt-3 grid grid-cols-[auto_1fr] gap-x-4 gap-y-1">
        <dt className="text-text-muted">Since</dt>
        <dd>
          <time dateTime={new Date(connection.since).toISOString()} title={formatAbsolute(connection.since)}>
            {formatDuration(now - connection.since)}
          </time>
        </dd>
        {connection.attempts > 0 && (
          <>
            <dt className="text-text-muted">Attempts</dt>
            <dd>{count(connection.attempts, 'failed attempt')}</dd>
          </>
        )}
        {connection.reason !== '' && (
          <>
            <dt className="text-text-muted">Reason</dt>
            <dd className="break-words">{connection.reason}</dd>
          </>
        )}
        <dt className="text-text-muted">Listens to</dt>
        <dd>
          {connection.topics.length === 0 ? (
            'nothing'
          ) : (
            <ul>
              {connection.topics.map(({ topic, state }) => (
                <li key={topic} className="truncate" title={topic}>
                  {topic.split(':')[0]}
                  <span className="text-text-muted"> {state === 'live' ? 'up to date' : state}</span>
                </li>
              ))}
            </ul>
          )}
        </dd>
      </dl>
    </>
  )
}
