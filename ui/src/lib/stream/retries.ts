import { BASE_MS, backoffMs } from './backoff'
import type { StreamEnvironment, Timer } from './types'

const STEADY_MS = 10_000

/** When to try again: later after every failure, and from the beginning once a connection has held for a while. */
export class Retries {
  /** How long the server wants to be left alone at first. */
  baseMs = BASE_MS
  private failed = 0
  private timer: Timer | null = null
  private steady: Timer | null = null

  constructor(
    private readonly env: StreamEnvironment,
    private readonly retry: () => void,
  ) {}

  /** Attempts that failed one after the other. */
  get failures(): number {
    return this.failed
  }

  get isWaiting(): boolean {
    return this.timer !== null
  }

  /** Try again after `wait`, or when it is due; returns how long that is. */
  later(wait: number | null): number {
    const pause = wait ?? backoffMs(this.failed, this.baseMs, this.env.random)
    this.failed += 1
    this.timer = this.env.setTimer(() => {
      this.timer = null
      this.retry()
    }, pause)
    return pause
  }

  /** It is connected: when it stays so for a while, earlier failures count no more. */
  opened(onSteady: () => void): void {
    this.steady = this.env.setTimer(() => {
      this.failed = 0
      onSteady()
    }, STEADY_MS)
  }

  /** It is connected no more. */
  ended(): void {
    if (this.steady !== null) this.env.clearTimer(this.steady)
    this.steady = null
  }

  /** Do not try again by itself. */
  stop(): void {
    if (this.timer !== null) this.env.clearTimer(this.timer)
    this.timer = null
  }

  /** What failed before counts no more. */
  forget(): void {
    this.failed = 0
  }
}
