import { useMemo } from 'react'
import { cx } from '@/lib/format/classes'
import { linesOf, splitPath, type DiffLine, type FieldChange } from './diff'

interface DiffViewProps {
  label: string
  changes: readonly FieldChange[]
}

/** What differs between two states of a thing, field by field: what goes above what comes. */
export function DiffView({ label, changes }: DiffViewProps) {
  return (
    <dl
      aria-label={label}
      className="divide-y divide-line overflow-hidden rounded-control border border-line bg-surface"
    >
      {changes.map((change) => (
        <Field key={change.path} change={change} />
      ))}
    </dl>
  )
}

function Field({ change }: { change: FieldChange }) {
  const lines = useMemo(() => linesOf(change), [change])
  const [way, name] = splitPath(change.path)
  const [before, after] = [change.old ?? null, change.new ?? null]
  return (
    <div>
      <dt className="flex flex-wrap items-baseline justify-between gap-x-3 px-3 py-1.5">
        <span className="min-w-0 font-mono text-mono wrap-anywhere">
          <span className="text-text-muted">{way}</span>
          <span className="font-semibold">{name}</span>
        </span>
        {(before === null || after === null) && (
          <span className="text-meta text-text-muted">{before === null ? 'added' : 'removed'}</span>
        )}
      </dt>
      <dd className="border-t border-line bg-sunken">
        <DiffLines lines={lines} />
      </dd>
    </div>
  )
}

const SPOKEN: Record<DiffLine['sign'], string> = { '-': 'before: ', '+': 'after: ', ' ': '' }

/** Lines with their signs; long ones wrap. */
export function DiffLines({ lines }: { lines: readonly DiffLine[] }) {
  return (
    <div className="font-mono text-mono">
      {lines.map(({ sign, text }, index) => (
        <p
          key={index}
          data-sign={sign}
          className={cx(
            'flex gap-2.5 px-3 py-px first:pt-1 last:pb-1',
            sign === '-' && 'bg-status-bad-bg text-status-bad',
            sign === '+' && 'bg-status-ok-bg text-status-ok',
            sign === ' ' && 'text-text-muted',
          )}
        >
          <span aria-hidden className="w-2 shrink-0 text-center select-none">
            {sign === '-' ? '−' : sign}
          </span>
          <span className="sr-only">{SPOKEN[sign]}</span>
          <span className="min-w-0 whitespace-pre-wrap wrap-anywhere">{text === '' ? ' ' : text}</span>
        </p>
      ))}
    </div>
  )
}
