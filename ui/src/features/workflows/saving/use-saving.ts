import { useCallback, useEffect } from 'react'
import { announce } from '@/lib/a11y/announce'
import { saveStateOf, type SaveState, type SavingState } from '../draft/save'
import type { KeeperState } from '../draft/keeper'
import { useDraft, useLock } from '../open/hooks'
import { useOpenWorkflow } from '../open/open-workflow'
import { useReadable } from '../open/view'

/** Keep what is drawn, and save what could not be sent once that can be, as long as the page is open. */
export function useKeeping(): void {
  const { keeper, saving } = useOpenWorkflow()
  useEffect(() => keeper.start(), [keeper])
  useEffect(() => saving.start(), [saving])
}

function all<State>(state: State): State {
  return state
}

export function useSavingState(): SavingState {
  return useReadable(useOpenWorkflow().saving, all)
}

export function useKeeper(): KeeperState {
  return useReadable(useOpenWorkflow().keeper, all)
}

/** Whether what is drawn is saved. */
export function useSaveState(): SaveState {
  return saveStateOf(useDraft(all), useSavingState())
}

/** Save now, and say how that went; gives whether everything is saved. */
export function useSave(): () => Promise<boolean> {
  const { draft, saving } = useOpenWorkflow()
  return useCallback(async () => {
    const saved = await saving.save()
    const state = saveStateOf(draft.getState(), saving.getState())
    if (state.kind === 'saved') announce('Saved')
    if (state.kind === 'failed') announce(`Not saved: ${state.reason}`, 'assertive')
    return saved
  }, [draft, saving])
}

/** Ctrl or ⌘ and S save, wherever somebody is on the page, also while they write into a field. */
export function useSaveKey(): void {
  const save = useSave()
  const isLocked = useLock() !== null
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      const isIt = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey
      if (!isIt || event.key.toLowerCase() !== 's') return
      // the browser would offer to save the page as a file
      event.preventDefault()
      if (!isLocked && !event.repeat) void save()
    }
    document.addEventListener('keydown', pressed, { capture: true })
    return () => document.removeEventListener('keydown', pressed, { capture: true })
  }, [save, isLocked])
}
