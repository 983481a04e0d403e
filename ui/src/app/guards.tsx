import { useState } from 'react'
import { Navigate, Outlet, useLocation, useSearchParams } from 'react-router-dom'
import { Mark } from '@/components/brand/mark'
import { ErrorPanel } from '@/components/ui/panels'
import { loginPath, safeReturnTo } from '@/lib/auth/return-to'
import { startSession, useAuth } from '@/lib/auth/session'

/** Lets only people through who are signed in; others are asked to, and come back to where they wanted to go. */
export function SignedIn() {
  const { phase, ended } = useAuth()
  const location = useLocation()
  if (phase === 'starting') return <Booting />
  if (phase === 'unreachable') return <Unreachable />
  if (phase === 'signed-out')
    return <Navigate to={ended === 'left' ? '/login' : loginPath(location)} replace />
  return <Outlet />
}

/** Lets only people through who are not signed in; others go on to where they wanted to go. */
export function SignedOut() {
  const phase = useAuth((state) => state.phase)
  const [query] = useSearchParams()
  if (phase === 'starting') return <Booting />
  if (phase === 'unreachable') return <Unreachable />
  if (phase === 'signed-in') return <Navigate to={safeReturnTo(query.get('return_to'))} replace />
  return <Outlet />
}

/** Before it is known who this is; shown late, because that takes a moment only. */
export function Booting() {
  return (
    <div role="status" className="grid min-h-dvh animate-appear-late place-items-center">
      <span className="sr-only">KubeOrch is starting</span>
      <span className="motion-safe:animate-pulse">
        <Mark size={40} />
      </span>
    </div>
  )
}

function Unreachable() {
  const problem = useAuth((state) => state.problem)
  const [busy, setBusy] = useState(false)
  const retry = () => {
    setBusy(true)
    void startSession()
  }
  return (
    <main className="grid min-h-dvh place-items-center">
      <h1 className="sr-only">KubeOrch</h1>
      {problem && <ErrorPanel error={problem} what="KubeOrch" onRetry={retry} busy={busy} />}
    </main>
  )
}
