import type { Changes } from './topics'
import { retryAfterMs } from './backoff'
import { EventStreamParser, type ServerEvent } from './parser'
import { readProblem } from './read'
import type { StreamAuth, StreamEnvironment, Timer } from './types'

const DEAD_LINE_MS = 40_000
const ADDRESS = '/v1/api/stream'

/** What becomes of an attempt. Nothing is told after its end. */
export type AttemptOwner = {
  /** What to ask for now; asked anew when the token had to be renewed first. */
  wanted: () => string[]
  /** Where to go on; empty is from the beginning. */
  lastId: () => string
  onEvent: (event: ServerEvent) => void
  /** The server says how long to wait between attempts. */
  onRetry: (milliseconds: number) => void
  /** It is over. `wait` is how long the server wants to be left alone; null when it did not say. */
  onFailed: (reason: string, wait: number | null) => void
  /** It is over, because nobody is signed in any more. */
  onSignedOut: () => void
}

/** One try at holding the stream open: asks for it, reads what comes, notices when the line is dead. */
export class Attempt {
  private readonly abort = new AbortController()
  private deadLine: Timer | null = null
  private over = false

  constructor(
    private readonly env: StreamEnvironment,
    private readonly auth: StreamAuth,
    private readonly owner: AttemptOwner,
  ) {}

  start(): void {
    this.stillAlive()
    void this.open()
  }

  end(): void {
    this.over = true
    if (this.deadLine !== null) this.env.clearTimer(this.deadLine)
    this.abort.abort()
  }

  /** Tell the server which topics the open stream carries; false when it did not take that. */
  async change(connectionId: string, changes: Changes): Promise<boolean> {
    try {
      const response = await this.env.fetch(`${ADDRESS}/${connectionId}`, {
        method: 'PATCH',
        headers: { ...this.authorization(), 'Content-Type': 'application/json' },
        body: JSON.stringify(changes),
        signal: this.abort.signal,
      })
      // an answer that nobody reads stays open
      await response.arrayBuffer()
      return response.ok
    } catch {
      return false
    }
  }

  /** Get a new token through the shared refresh; false when this attempt is over. */
  async renew(): Promise<boolean> {
    let token: string | null
    try {
      token = await this.auth.refresh()
    } catch {
      this.fail('The session could not be renewed.')
      return false
    }
    if (this.over) return false
    if (token === null) {
      this.end()
      this.owner.onSignedOut()
      return false
    }
    return true
  }

  /** End it, and say why. */
  fail(reason: string, wait: number | null = null): void {
    if (this.over) return
    this.end()
    this.owner.onFailed(reason, wait)
  }

  private async open(refreshed = false): Promise<void> {
    const topics = this.owner.wanted()
    const lastId = this.owner.lastId()
    let response: Response
    try {
      response = await this.env.fetch(`${ADDRESS}?topics=${encodeURIComponent(topics.join(','))}`, {
        method: 'GET',
        headers: {
          Accept: 'text/event-stream',
          ...this.authorization(),
          ...(lastId === '' ? {} : { 'Last-Event-ID': lastId }),
        },
        cache: 'no-store',
        signal: this.abort.signal,
      })
    } catch {
      this.fail('The server cannot be reached.')
      return
    }
    if (this.over) return
    if (response.status === 401 && !refreshed) {
      if (await this.renew()) await this.open(true)
      return
    }
    if (!response.ok || response.body === null) {
      const problem = await readProblem(response)
      this.fail(problem.message, retryAfterMs(response.headers.get('Retry-After'), this.env.now()))
      return
    }
    await this.read(response.body)
  }

  private async read(body: ReadableStream<Uint8Array>): Promise<void> {
    const parser = new EventStreamParser(
      {
        onEvent: (event) => {
          if (!this.over) this.owner.onEvent(event)
        },
        onRetry: this.owner.onRetry,
      },
      this.owner.lastId(),
    )
    const reader = body.getReader()
    try {
      for (;;) {
        const piece = await reader.read()
        if (this.over) return
        if (piece.done) break
        this.stillAlive()
        parser.feed(piece.value)
      }
      this.fail('The server ended the stream.')
    } catch {
      this.fail('The connection was cut.')
    } finally {
      void reader.cancel().catch(() => undefined)
    }
  }

  /** Note that bytes came; without any for a while the line is dead, whatever the socket says. */
  private stillAlive(): void {
    if (this.deadLine !== null) this.env.clearTimer(this.deadLine)
    this.deadLine = this.env.setTimer(() => {
      this.fail('Nothing was heard from the server for 40 s.')
    }, DEAD_LINE_MS)
  }

  private authorization(): Record<string, string> {
    const token = this.auth.token()
    return token === null ? {} : { Authorization: `Bearer ${token}` }
  }
}
