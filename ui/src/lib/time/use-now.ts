import { useSyncExternalStore } from 'react'

type Ticker = { now: number; listeners: Set<() => void>; timer: ReturnType<typeof setInterval> | undefined }
const tickers = new Map<number, Ticker>()

function tickerOf(every: number): Ticker {
  const found = tickers.get(every) ?? { now: Date.now(), listeners: new Set(), timer: undefined }
  tickers.set(every, found)
  return found
}

/** The current time, renewed at an interval; all who use the same interval share one timer. */
export function useNow(every = 10_000): number {
  const ticker = tickerOf(every)
  return useSyncExternalStore(
    (listener) => {
      ticker.listeners.add(listener)
      ticker.timer ??= setInterval(() => {
        ticker.now = Date.now()
        for (const each of ticker.listeners) each()
      }, every)
      return () => {
        ticker.listeners.delete(listener)
        if (ticker.listeners.size) return
        clearInterval(ticker.timer)
        ticker.timer = undefined
      }
    },
    () => {
      // without listeners nobody has kept it up to date
      if (!ticker.listeners.size && Date.now() - ticker.now > every) ticker.now = Date.now()
      return ticker.now
    },
  )
}
