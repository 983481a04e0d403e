import { create } from 'zustand'

type Level = 'polite' | 'assertive'
type Spoken = { text: string; count: number }

/** What the two live regions of the page hold; the shell draws them. */
export const useAnnouncements = create<Record<Level, Spoken>>(() => ({
  polite: { text: '', count: 0 },
  assertive: { text: '', count: 0 },
}))

const QUIET_MS = 2000
let last = 0
let waiting: string[] = []
let timer: ReturnType<typeof setTimeout> | undefined

/**
 * Say something to screen readers.
 *
 * Polite words are grouped, one message in two seconds at most; assertive ones (a failed run, a lost connection) are
 * said at once.
 */
export function announce(text: string, level: Level = 'polite'): void {
  if (level === 'assertive') {
    speak(text, level)
    return
  }
  if (!waiting.includes(text)) waiting.push(text)
  timer ??= setTimeout(flush, Math.max(0, last + QUIET_MS - Date.now()))
}

function flush(): void {
  timer = undefined
  last = Date.now()
  speak(waiting.join('. '), 'polite')
  waiting = []
}

function speak(text: string, level: Level): void {
  useAnnouncements.setState((state) => ({ [level]: { text, count: state[level].count + 1 } }))
}
