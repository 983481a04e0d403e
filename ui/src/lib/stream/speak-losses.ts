import { announce } from '@/lib/a11y/announce'
import type { ConnectionSnapshot } from './types'

export const LOST_MS = 10_000

/** Say a loss aloud once it has lasted, and the end of one that was said. */
export function speakLosses(): (snapshot: ConnectionSnapshot) => void {
  let timer: ReturnType<typeof setTimeout> | null = null
  let said = false
  return ({ state }) => {
    if (state === 'reconnecting' || state === 'offline') {
      timer ??= setTimeout(() => {
        said = true
        announce('The live connection is lost. What is shown may be old.', 'assertive')
      }, LOST_MS)
      return
    }
    if (timer !== null) clearTimeout(timer)
    timer = null
    if (said && state === 'live') announce('The live connection is back')
    said = false
  }
}
