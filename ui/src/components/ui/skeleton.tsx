import type { ReactNode } from 'react'
import { cx } from '@/lib/format/classes'

/** A grey bar in the shape of what is coming. */
export function Skeleton({ className }: { className?: string }) {
  return <span aria-hidden className={cx('block rounded-control bg-sunken', className)} />
}

/** Says that something is loading and shows its shape, after 150 ms: what comes sooner needs no announcement. */
export function Loading({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div role="status" className="animate-appear-late">
      <span className="sr-only">{label}</span>
      {children}
    </div>
  )
}
