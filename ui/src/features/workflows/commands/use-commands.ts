import { useEffect } from 'react'
import { announce } from '@/lib/a11y/announce'
import { useOpenWorkflow, type OpenWorkflow } from '../open/open-workflow'
import { isPressed, isSingle, isWriting } from './keys'
import { refusalOf, type Command } from './command'
import { COMMANDS } from './registry'

/** Do what keys ask for: those with Ctrl or ⌘ anywhere on the page, single ones on the canvas; in fields none. */
export function useCommands(more: readonly Command[]): void {
  const open = useOpenWorkflow()
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (event.defaultPrevented || isWriting(event.target) || isCovered()) return
      const found = [...more, ...COMMANDS].find((command) => command.keys.some((keys) => isFor(keys, event)))
      if (found === undefined) return
      event.preventDefault()
      execute(found, open)
    }
    document.addEventListener('keydown', pressed)
    return () => document.removeEventListener('keydown', pressed)
  }, [open, more])
}

/** Do a command, or say why not. */
export function execute(command: Command, open: OpenWorkflow): void {
  const refusal = refusalOf(command, open)
  if (refusal === null) command.run(open)
  else announce(refusal)
}

function isFor(keys: string, event: KeyboardEvent): boolean {
  if (!isPressed(keys, event)) return false
  return !isSingle(keys) || isOnCanvas(event.target)
}

function isOnCanvas(target: EventTarget | null): boolean {
  if (!(target instanceof Element)) return false
  // after a click on the empty canvas the page itself has the keys, and its heading when it was just opened
  return target === document.body || target.closest('[role="application"], h1') !== null
}

/** A dialog that is open has the keys. */
function isCovered(): boolean {
  return document.querySelector('[role="dialog"], [role="alertdialog"], [role="menu"]') !== null
}
