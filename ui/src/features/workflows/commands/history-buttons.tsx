import { Redo2, Undo2 } from 'lucide-react'
import { IconButton } from '@/components/ui/button'
import { useDraft, useLock } from '../open/hooks'
import { useOpenWorkflow } from '../open/open-workflow'

/** Undo and redo, each naming what it would undo or do again. */
export function HistoryButtons() {
  const { draft } = useOpenWorkflow()
  const locked = useLock() !== null
  const past = useDraft(({ history }) => history.past.at(-1)?.label)
  const future = useDraft(({ history }) => history.future.at(-1)?.label)
  if (locked) return null
  return (
    <span className="flex">
      <IconButton
        icon={Undo2}
        label={past === undefined ? 'Nothing to undo' : `Undo: ${past}`}
        aria-disabled={past === undefined}
        aria-keyshortcuts="Control+Z Meta+Z"
        onClick={() => draft.undo()}
      />
      <IconButton
        icon={Redo2}
        label={future === undefined ? 'Nothing to redo' : `Redo: ${future}`}
        aria-disabled={future === undefined}
        aria-keyshortcuts="Control+Shift+Z Meta+Shift+Z"
        onClick={() => draft.redo()}
      />
    </span>
  )
}
