import { Button } from '@/components/ui/button'
import { Dialog, DialogActions, DialogBody } from '@/components/ui/dialog'
import { useFirstFocus } from './use-first-focus'
import { useKeeper, useSave, useSaveState } from './use-saving'

interface LeaveQuestionProps {
  onStay: () => void
  onLeave: () => void
}

/** What becomes of changes that are not saved when the page is left. */
export function LeaveQuestion({ onStay, onLeave }: LeaveQuestionProps) {
  const state = useSaveState()
  const { failing } = useKeeper()
  const save = useSave()
  const saveAndLeave = async () => {
    // what is saved lets the page go by itself
    if (!(await save())) onStay()
  }
  return (
    <Dialog open onOpenChange={(open) => !open && onStay()} title="Leave with unsaved changes?">
      <DialogBody>
        <p className="text-body text-text-muted">
          {failing
            ? 'This browser cannot keep them: left unsaved, they are gone.'
            : 'Left unsaved, they stay in this browser and are offered when you open the workflow again.'}
        </p>
      </DialogBody>
      <DialogActions>
        <StayButton onClick={onStay} />
        <Button variant={failing ? 'danger' : 'secondary'} onClick={onLeave}>
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
