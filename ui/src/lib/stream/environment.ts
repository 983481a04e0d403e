import type { StreamEnvironment } from './types'

/** A hidden tab paints no frames; it still must not hold updates back for ever. */
const HIDDEN_FRAME_MS = 100

function nextFrame(work: () => void): () => void {
  if (document.hidden) {
    const timer = setTimeout(work, HIDDEN_FRAME_MS)
    return () => clearTimeout(timer)
  }
  let done = false
  const once = () => {
    if (done) return
    stop()
    work()
  }
  const frame = requestAnimationFrame(once)
  // a frame that was asked for just before the tab was hidden does not come until it is shown
  document.addEventListener('visibilitychange', once)
  function stop() {
    done = true
    cancelAnimationFrame(frame)
    document.removeEventListener('visibilitychange', once)
  }
  return stop
}

export function browserEnvironment(): StreamEnvironment {
  return {
    fetch: (address, init) => fetch(new URL(address, window.location.origin), init),
    now: () => Date.now(),
    random: () => Math.random(),
    setTimer: (work, milliseconds) => setTimeout(work, milliseconds),
    clearTimer: (timer) => clearTimeout(timer),
    nextFrame,
    isHidden: () => document.hidden,
    isOnline: () => navigator.onLine,
    onChange: (work) => {
      document.addEventListener('visibilitychange', work)
      window.addEventListener('online', work)
      window.addEventListener('offline', work)
      return () => {
        document.removeEventListener('visibilitychange', work)
        window.removeEventListener('online', work)
        window.removeEventListener('offline', work)
      }
    },
  }
}
