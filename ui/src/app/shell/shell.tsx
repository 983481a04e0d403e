import { lazy, Suspense, useEffect, useRef, useState } from 'react'
import { Outlet, useLocation, useMatches } from 'react-router-dom'
import { cx } from '@/lib/format/classes'
import { usePrefs } from '@/lib/storage/prefs'
import type { RouteHandle } from '../routes'
import { Sidebar } from './sidebar'
import { TopBar } from './top-bar'
import { UserMenu } from './user-menu'
import { NewVersionNotice } from './version'

// on wide screens nobody opens it
const Sheet = lazy(async () => ({ default: (await import('@/components/ui/dialog')).Sheet }))

/**
 * The frame around every page. It stays mounted while one moves about, so that streams and messages survive.
 *
 * On the canvas the sidebar is a rail and the page brings its own toolbar.
 */
export function Shell() {
  const canvas = useMatches().some((match) => (match.handle as RouteHandle | undefined)?.layout === 'canvas')
  const preferred = usePrefs((state) => state.rail)
  const [open, setOpen] = useState(false)
  const { pathname } = useLocation()
  const main = useRef<HTMLElement>(null)
  useEffect(() => {
    main.current?.scrollTo(0, 0)
  }, [pathname])
  const rail = canvas || preferred
  return (
    <div className="flex h-dvh overflow-hidden">
      <a
        href="#main"
        onClick={(event) => {
          event.preventDefault()
          main.current?.focus()
        }}
        className="fixed top-2 left-2 z-50 -translate-y-16 rounded-control bg-accent px-3 py-2 text-dense font-medium text-on-accent focus:translate-y-0"
      >
        Skip to content
      </a>
      <aside
        aria-label="Navigation"
        className={cx(
          'hidden shrink-0 flex-col border-r border-line bg-surface lg:flex',
          rail ? 'w-14' : 'w-56',
        )}
      >
        <Sidebar rail={rail} collapsible={!canvas} foot={canvas ? <UserMenu side="right" /> : null} />
      </aside>
      {open && (
        <Suspense fallback={null}>
          <Sheet open onOpenChange={setOpen} title="Navigation">
            <Sidebar rail={false} onNavigate={() => setOpen(false)} />
          </Sheet>
        </Suspense>
      )}
      <div className="flex min-w-0 grow flex-col">
        <NewVersionNotice />
        <div className={cx('contents', canvas && 'lg:hidden')}>
          <TopBar onOpenNavigation={() => setOpen(true)} />
        </div>
        <main
          id="main"
          ref={main}
          tabIndex={-1}
          className={cx('relative min-h-0 grow', canvas ? 'overflow-hidden' : 'overflow-y-auto')}
        >
          <Outlet />
        </main>
      </div>
    </div>
  )
}
