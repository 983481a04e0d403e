import { useEffect } from 'react'
import { useBlocker, type Blocker } from 'react-router-dom'

/**
 * Keep a page from being left with unsaved work. Inside the interface the caller asks by a dialog while the returned
 * blocker is `blocked`; when the tab is closed the browser asks.
 */
export function useLeaveGuard(dirty: boolean): Blocker {
  const blocker = useBlocker(
    ({ currentLocation, nextLocation }) => dirty && currentLocation.pathname !== nextLocation.pathname,
  )
  useEffect(() => {
    if (!dirty) return
    const ask = (event: BeforeUnloadEvent) => event.preventDefault()
    window.addEventListener('beforeunload', ask)
    return () => window.removeEventListener('beforeunload', ask)
  }, [dirty])
  return blocker
}
