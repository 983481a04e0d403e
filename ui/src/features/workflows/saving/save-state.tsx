import {
  CircleCheck,
  CircleDot,
  LoaderCircle,
  OctagonX,
  Save,
  TriangleAlert,
  type LucideIcon,
} from 'lucide-react'
import { Button } from '@/components/ui/button'
import { cx } from '@/lib/format/classes'
import type { SaveState as State } from '../draft/save'
import { useLock } from '../open/hooks'
import { useSave, useSaveState } from './use-saving'

/** Whether what is drawn is saved, in words, and the button that saves it. */
export function SaveState() {
  const state = useSaveState()
  const save = useSave()
  const lock = useLock()
  return (
    <>
      <Words state={state} />
      <Button
        icon={Save}
        busy={state.kind === 'saving'}
        refused={lock ?? (state.kind === 'saved' && 'Everything is saved.')}
        onClick={() => void save()}
      >
        {state.kind === 'failed' ? 'Retry' : 'Save'}
      </Button>
    </>
  )
}

const LOOKS: Record<State['kind'], { icon: LucideIcon; word: string; tone: string }> = {
  saved: { icon: CircleCheck, word: 'Saved', tone: 'text-text-muted' },
  unsaved: { icon: CircleDot, word: 'Unsaved changes', tone: 'text-text' },
  saving: { icon: LoaderCircle, word: 'Saving', tone: 'text-text-muted' },
  failed: { icon: OctagonX, word: 'Not saved', tone: 'text-status-bad' },
  conflict: { icon: TriangleAlert, word: 'Conflict', tone: 'text-status-warn' },
}

function Words({ state }: { state: State }) {
  const { icon: Icon, word, tone } = LOOKS[state.kind]
  const reason = state.kind === 'failed' ? `: ${state.reason}` : ''
  return (
    <span className={cx('flex max-w-72 items-center gap-1.5 text-dense', tone)} title={word + reason}>
      <Icon aria-hidden size={15} className="shrink-0" />
      <span className="min-w-0 truncate">
        {word}
        {reason}
      </span>
    </span>
  )
}
