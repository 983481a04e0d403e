/** Keys of commands, as `Mod+Shift+Z`: Mod is Ctrl, or ⌘ where that is usual. */

type Pressed = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'shiftKey' | 'altKey'>

/** Whether pressed keys are those of a command. */
export function isPressed(keys: string, event: Pressed): boolean {
  const parts = keys.split('+')
  const key = parts.at(-1) === '' ? '+' : (parts.at(-1) ?? '')
  const has = (part: string) => parts.slice(0, -1).includes(part)
  if (has('Mod') !== (event.ctrlKey || event.metaKey) || has('Alt') !== event.altKey) return false
  // signs such as ? and + need Shift on some keyboards and not on others
  const isSign = key.length === 1 && !/[a-z0-9]/i.test(key)
  if (!isSign && has('Shift') !== event.shiftKey) return false
  return event.key.toLowerCase() === key.toLowerCase()
}

/** Whether keys need no Ctrl or ⌘: they act on the canvas only. */
export function isSingle(keys: string): boolean {
  return !keys.startsWith('Mod+')
}

const SIGNS: Readonly<Record<string, string>> = {
  Mod: 'Ctrl',
  ArrowUp: '↑',
  ArrowDown: '↓',
  ArrowLeft: '←',
  ArrowRight: '→',
  ' ': 'Space',
}

/** Keys as people read them. */
export function spelled(keys: string, apple: boolean): string {
  const parts = keys.endsWith('++')
    ? [...keys.slice(0, -2).split('+'), '+']
    : keys === '+'
      ? ['+']
      : keys.split('+')
  const words = parts.map((part) => {
    if (apple && part === 'Mod') return '⌘'
    if (apple && part === 'Shift') return '⇧'
    if (apple && part === 'Alt') return '⌥'
    return SIGNS[part] ?? part
  })
  return words.join(apple ? '' : ' ')
}

/** Whether somebody writes into a field, whose keys are its own. */
export function isWriting(target: EventTarget | null): boolean {
  return (
    target instanceof Element &&
    target.closest('input, textarea, select, [contenteditable=""], [contenteditable="true"]') !== null
  )
}
