import { useMemo, useSyncExternalStore } from 'react'

/** The time in steps, for any number of listeners with one timer, which runs only while there are some. */
class Ticker {
  private now = Date.now()
  private readonly listeners = new Set<() => void>()
  private timer: ReturnType<typeof setInterval> | undefined
  private readonly every: number

  constructor(every: number) {
    this.every = every
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener)
    this.timer ??= setInterval(this.tick, this.every)
    return () => {
      this.listeners.delete(listener)
      if (this.listeners.size) return
      clearInterval(this.timer)
      this.timer = undefined
    }
  }

  readonly read = (): number => {
    // without listeners nobody has kept it up to date
    if (!this.listeners.size && Date.now() - this.now > this.every) this.now = Date.now()
    return this.now
  }

  private readonly tick = () => {
    this.now = Date.now()
    for (const listener of this.listeners) listener()
  }
}

const tickers = new Map<number, Ticker>()

function tickerOf(every: number): Ticker {
  const found = tickers.get(every) ?? new Ticker(every)
  tickers.set(every, found)
  return found
}

/** The current time, renewed at an interval; all who use the same interval share one timer. */
export function useNow(every = 10_000): number {
  const ticker = useMemo(() => tickerOf(every), [every])
  return useSyncExternalStore(ticker.subscribe, ticker.read)
}
