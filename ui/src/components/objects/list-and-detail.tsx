import type { KeyboardEvent, ReactNode } from 'react'
import { cx } from '@/lib/format/classes'

interface ListAndDetailProps {
  /** What the list is of. */
  label: string
  /** Which of the two is seen where there is no room for both. */
  shown: 'list' | 'item'
  list: ReactNode
  /** The one that is chosen. */
  children: ReactNode
}

/** A list beside the one that is chosen of it; one after the other where there is no room for both. */
export function ListAndDetail({ label, shown, list, children }: ListAndDetailProps) {
  return (
    <div className="flex min-h-0 grow">
      <nav
        aria-label={label}
        className={cx(
          'min-h-0 shrink-0 overflow-y-auto border-line @max-2xl:w-full @2xl:w-72 @2xl:border-r',
          shown === 'item' && '@max-2xl:hidden',
        )}
      >
        {list}
      </nav>
      <div className={cx('flex min-h-0 min-w-0 grow flex-col', shown === 'list' && '@max-2xl:hidden')}>
        {children}
      </div>
    </div>
  )
}

/** Let arrows walk through rows; each has one element that is marked with `data-walk`. */
export function walkRows(event: KeyboardEvent<HTMLElement>): void {
  if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return
  const rows = [...event.currentTarget.querySelectorAll<HTMLElement>('[data-walk]')]
  const at = rows.findIndex((row) => row.parentElement?.contains(document.activeElement) === true)
  rows[at + (event.key === 'ArrowDown' ? 1 : -1)]?.focus()
  event.preventDefault()
}
