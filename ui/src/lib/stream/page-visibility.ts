import type { StreamEnvironment, Timer } from './types'

const HIDDEN_MS = 15_000

type Owner = {
  /** Whether there is something that a hidden tab could do without. */
  canRest: () => boolean
  /** The tab has been hidden for a while. */
  onHidden: () => void
  /** The tab is shown, or the network came or went while it was. */
  onShown: () => void
}

/** Watches whether anybody can see the tab. */
export class PageVisibility {
  private timer: Timer | null = null
  private readonly leave: () => void

  constructor(
    private readonly env: StreamEnvironment,
    private readonly owner: Owner,
  ) {
    this.leave = env.onChange(() => this.changed())
  }

  close(): void {
    this.leave()
    this.stop()
  }

  private changed(): void {
    if (!this.env.isHidden()) {
      this.stop()
      this.owner.onShown()
    } else if (this.timer === null && this.owner.canRest()) {
      this.timer = this.env.setTimer(() => {
        this.timer = null
        this.owner.onHidden()
      }, HIDDEN_MS)
    }
  }

  private stop(): void {
    if (this.timer !== null) this.env.clearTimer(this.timer)
    this.timer = null
  }
}
