import { useEffect, useRef, type ReactNode } from 'react'
import { useLocation } from 'react-router-dom'
import { create } from 'zustand'
import { usePageTitle } from '@/lib/a11y/page-title'
import { cx } from '@/lib/format/classes'

export interface Crumb {
  label: string
  to?: string
}

/** The way to the page that is shown, with real names; the shell draws it. */
export const useCrumbs = create<{ crumbs: Crumb[] }>(() => ({ crumbs: [] }))

/** Name a page: browser title and breadcrumbs. `crumbs` must keep its identity while its content is the same. */
export function usePage(title: string, crumbs: Crumb[]): void {
  usePageTitle(title)
  useEffect(() => {
    useCrumbs.setState({ crumbs })
  }, [crumbs])
}

let firstKey: string | null = null
let moved = false

/** Whether one has moved since the page was loaded: where a browser begins, it decides on focus itself. */
function hasMoved(key: string): boolean {
  firstKey ??= key
  moved ||= key !== firstKey
  return moved
}

/** Begin as if the page was just loaded; for tests. */
export function forgetMoves(): void {
  firstKey = null
  moved = false
}

interface PageHeadingProps {
  children: ReactNode
  className?: string
}

/** The one `h1` of a page. It takes focus after navigation, so that screen readers say where one has come to. */
export function PageHeading({ children, className }: PageHeadingProps) {
  const heading = useRef<HTMLHeadingElement>(null)
  const { key, pathname } = useLocation()
  const latest = useRef(key)
  useEffect(() => {
    latest.current = key
  })
  useEffect(() => {
    if (hasMoved(latest.current)) heading.current?.focus({ preventScroll: true })
  }, [pathname])
  return (
    <h1 ref={heading} tabIndex={-1} className={cx('text-page font-semibold tracking-tight', className)}>
      {children}
    </h1>
  )
}

interface PageProps {
  title: string
  description?: ReactNode
  actions?: ReactNode
  children: ReactNode
  narrow?: boolean
}

/** A page inside the shell: heading, what it is for, actions, content. */
export function Page({ title, description, actions, children, narrow = false }: PageProps) {
  return (
    <div className={cx('mx-auto w-full px-4 py-6 sm:px-6 lg:px-8', narrow ? 'max-w-180' : 'max-w-340')}>
      <div className="mb-5 flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
        <div className="min-w-0">
          <PageHeading>{title}</PageHeading>
          {description && <p className="mt-0.5 text-body text-text-muted">{description}</p>}
        </div>
        {actions && <div className="flex flex-wrap gap-2">{actions}</div>}
      </div>
      {children}
    </div>
  )
}

/** A plane with a border. */
export function Panel({ children, className }: { children: ReactNode; className?: string }) {
  return <div className={cx('rounded-card border border-line bg-surface', className)}>{children}</div>
}
