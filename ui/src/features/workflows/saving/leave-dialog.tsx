import { useEffect } from 'react'
import { useLeaveGuard } from '@/components/form/leave-guard'
import { LeaveQuestion } from './leave-question'
import { useSaveState } from './use-saving'

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
  // not fetched now: the router waits for the answer in a transition, which would wait for the code as well
  return <LeaveQuestion onStay={() => guard.reset()} onLeave={() => guard.proceed()} />
}
