import type { ReactNode } from 'react'
import { cx } from '@/lib/format/classes'

/** A titled part of a tab. */
export function Part({ title, children, aside }: { title: string; children: ReactNode; aside?: ReactNode }) {
  return (
    <section className="mt-5 first:mt-0">
      <div className="mb-1.5 flex min-h-6 items-center justify-between gap-2">
        <h3 className="text-meta font-semibold text-text-muted">{title}</h3>
        {aside}
      </div>
      {children}
    </section>
  )
}

export function Rows({ children }: { children: ReactNode }) {
  return <dl className="divide-y divide-line rounded-control border border-line">{children}</dl>
}

export function Row({
  label,
  children,
  note,
  mono = false,
}: {
  label: string
  children: ReactNode
  note?: ReactNode
  mono?: boolean
}) {
  return (
    <div className="grid grid-cols-[minmax(88px,2fr)_minmax(0,3fr)] gap-3 px-3 py-1.5 text-dense">
      <dt className="text-text-muted">{label}</dt>
      <dd className={cx('min-w-0 break-words', mono && 'font-mono text-mono')}>
        {children}
        {note !== undefined && <span className="block font-sans text-meta text-text-muted">{note}</span>}
      </dd>
    </div>
  )
}

export function Nothing({ children }: { children: ReactNode }) {
  return <p className="text-dense text-text-muted">{children}</p>
}
