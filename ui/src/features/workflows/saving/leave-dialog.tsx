import { lazy, Suspense, useEffect } from 'react'
import { useLeaveGuard } from '@/components/form/leave-guard'
import { useSaveState } from './use-saving'

const LeaveQuestion = lazy(async () => ({ default: (await import('./leave-question')).LeaveQuestion }))

/** Asks before the page is left with changes that are not saved. */
export function LeaveDialog() {
  const state = useSaveState()
  const guard = useLeaveGuard(state.kind !== 'saved')
  const isSaved = state.kind === 'saved'
  useEffect(() => {
    // it was saved in the moment of leaving
    if (guard.state === 'blocked' && isSaved) guard.proceed()
  }, [guard, isSaved])
  if (guard.state !== 'blocked' || isSaved) return null
  return (
    <Suspense fallback={null}>
      <LeaveQuestion onStay={() => guard.reset()} onLeave={() => guard.proceed()} />
    </Suspense>
  )
}
