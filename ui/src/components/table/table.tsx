import { ArrowDown, ArrowUp, ChevronsUpDown } from 'lucide-react'
import type { ComponentProps, ReactNode } from 'react'
import { Button } from '@/components/ui/button'
import { cx } from '@/lib/format/classes'
import { formatCount } from '@/lib/format/numbers'

/** A table with a caption for screen readers. */
export function Table({ caption, children }: { caption: string; children: ReactNode }) {
  return (
    <table className="w-full table-fixed border-collapse text-dense">
      <caption className="sr-only">{caption}</caption>
      {children}
    </table>
  )
}

const HEAD = 'h-9 px-3 text-left text-meta font-medium text-text-muted first:pl-4 last:pr-2'

export function Head({ children, className }: { children?: ReactNode; className?: string }) {
  return (
    <th scope="col" className={cx(HEAD, className)}>
      {children}
    </th>
  )
}

interface SortHeadProps<Sort extends string> {
  children: ReactNode
  className?: string
  /** What it sorts by, up and down. */
  by: readonly [up: Sort, down: Sort]
  sort: string
  onSort: (sort: Sort) => void
}

/** A heading that sorts: the first press in the second direction when that is named first. */
export function SortHead<Sort extends string>({
  children,
  className,
  by: [up, down],
  sort,
  onSort,
}: SortHeadProps<Sort>) {
  const direction = sort === up ? 'ascending' : sort === down ? 'descending' : 'none'
  const Icon = { ascending: ArrowUp, descending: ArrowDown, none: ChevronsUpDown }[direction]
  return (
    <th scope="col" aria-sort={direction} className={cx(HEAD, className)}>
      <button
        type="button"
        onClick={() => onSort(sort === up ? down : up)}
        className="-mx-1 inline-flex min-h-6 items-center gap-1 rounded-control px-1 hover:text-text"
      >
        {children}
        <Icon aria-hidden size={13} className={direction === 'none' ? 'opacity-60' : 'text-text'} />
      </button>
    </th>
  )
}

export function Row({ className, ...rest }: ComponentProps<'tr'>) {
  return (
    <tr {...rest} className={cx('border-t border-line transition-colors hover:bg-sunken/60', className)} />
  )
}

export function Cell({ className, ...rest }: ComponentProps<'td'>) {
  return <td {...rest} className={cx('h-row px-3 py-1.5 first:pl-4 last:pr-2', className)} />
}

interface MoreProps {
  shown: number
  total: number
  noun: string
  hasMore: boolean
  busy: boolean
  onMore: () => void
}

/** "100 of 2,341 workflows" and the way to the rest. */
export function More({ shown, total, noun, hasMore, busy, onMore }: MoreProps) {
  return (
    <div className="flex min-h-11 flex-wrap items-center justify-between gap-3 px-4 py-1.5 text-meta text-text-muted">
      <p role="status" className="tabular">
        {hasMore ? `${formatCount(shown)} of ${formatCount(total)}` : formatCount(total)} {noun}
      </p>
      {hasMore && (
        <Button busy={busy} onClick={onMore}>
          Load more
        </Button>
      )}
    </div>
  )
}
