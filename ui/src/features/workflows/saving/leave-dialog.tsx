import { useEffect } from 'react'
import { useLeaveGuard } from '@/components/form/leave-guard'
import { Button } from '@/components/ui/button'
import { Dialog, DialogActions, DialogBody } from '@/components/ui/dialog'
import { useFirstFocus } from './use-first-focus'
import { useKeeper, useSave, useSaveState } from './use-saving'

/** Asks before the page is left with changes that are not saved. */
export function LeaveDialog() {
  const state = useSaveState()
  const { failing } = useKeeper()
  const guard = useLeaveGuard(state.kind !== 'saved')
  const save = useSave()
  const isSaved = state.kind === 'saved'
  useEffect(() => {
    // it was saved in the moment of leaving
    if (guard.state === 'blocked' && isSaved) guard.proceed()
  }, [guard, isSaved])
  if (guard.state !== 'blocked' || isSaved) return null
  const saveAndLeave = async () => {
    // what is saved lets the page go by itself
    if (!(await save())) guard.reset()
  }
  return (
    <Dialog open onOpenChange={(open) => !open && guard.reset()} title="Leave with unsaved changes?">
      <DialogBody>
        <p className="text-body text-text-muted">
          {failing
            ? 'This browser cannot keep them: left unsaved, they are gone.'
            : 'Left unsaved, they stay in this browser and are offered when you open the workflow again.'}
        </p>
      </DialogBody>
      <DialogActions>
        <StayButton onClick={() => guard.reset()} />
        <Button variant={failing ? 'danger' : 'secondary'} onClick={() => guard.proceed()}>
          Leave
        </Button>
        <Button variant="primary" busy={state.kind === 'saving'} onClick={() => void saveAndLeave()}>
          Save and leave
        </Button>
      </DialogActions>
    </Dialog>
  )
}

function StayButton({ onClick }: { onClick: () => void }) {
  return (
    <Button ref={useFirstFocus()} onClick={onClick}>
      Stay
    </Button>
  )
}
