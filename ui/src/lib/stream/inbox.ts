import type { StreamEnvironment, Update } from './types'

const MOST_QUEUED = 5_000

/** Updates on their way to the screen: they are handed out once per frame, in order. */
export class Inbox {
  private queue: Update[] = []
  private cancelFrame: (() => void) | null = null

  /**
   * @param onOverflow more came than can be shown: what was queued, of these topics, is thrown away
   */
  constructor(
    private readonly env: StreamEnvironment,
    private readonly deliver: (update: Update) => void,
    private readonly onOverflow: (topics: ReadonlySet<string>) => void,
  ) {}

  add(update: Update): void {
    this.queue.push(update)
    if (this.queue.length > MOST_QUEUED) {
      const late = new Set(this.queue.map(({ topic }) => topic))
      this.queue = []
      this.onOverflow(late)
      return
    }
    this.cancelFrame ??= this.env.nextFrame(() => {
      this.cancelFrame = null
      this.flush()
    })
  }

  clear(): void {
    this.cancelFrame?.()
    this.cancelFrame = null
    this.queue = []
  }

  private flush(): void {
    const updates = this.queue
    this.queue = []
    for (const update of updates) this.deliver(update)
  }
}
