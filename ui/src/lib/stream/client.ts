import { BASE_MS, backoffMs, retryAfterMs } from './backoff'
import { EventStreamParser, type ServerEvent } from './parser'
import { readConnected, readProblem, readUpdate, isObject, textOf } from './read'
import { TopicChanges, TopicEntry } from './topics'
import {
  type ConnectionSnapshot,
  type ConnectionState,
  NOT_CONNECTED,
  type StreamAuth,
  type StreamEnvironment,
  type Timer,
  type TopicHandler,
  type TopicRefusal,
  type Update,
} from './types'

export const DEAD_LINE_MS = 40_000
export const STEADY_MS = 10_000
export const HIDDEN_MS = 15_000
export const RELEASE_MS = 5_000
export const CHANGES_MS = 100
export const MOST_QUEUED = 5_000
const ADDRESS = '/v1/api/stream'
/** Events after which nothing more comes on a topic. */
const LAST_EVENTS = new Set(['complete', 'completed', 'failed', 'cancelled'])

type Attempt = { abort: AbortController; dead: Timer | null; steady: Timer | null }

/**
 * The one stream of a browser tab: all topics over one connection that heals itself.
 *
 * Knows nothing of React. `subscribe` returns how to stop; the first subscription connects, and when the last topic
 * is released the connection is closed. Updates are handed out once per frame, in order, each once.
 */
export class StreamClient {
  private readonly topics = new Map<string, TopicEntry>()
  private readonly releases = new Map<string, Timer>()
  private readonly changes = new TopicChanges()
  private readonly listeners = new Set<(snapshot: ConnectionSnapshot) => void>()
  private readonly leave: () => void
  private shown: ConnectionSnapshot = NOT_CONNECTED
  private attempt: Attempt | null = null
  private connectionId = ''
  private lastId = ''
  private retryMs = BASE_MS
  private failures = 0
  private retryTimer: Timer | null = null
  private hiddenTimer: Timer | null = null
  private changesTimer: Timer | null = null
  private queue: Update[] = []
  private cancelFrame: (() => void) | null = null
  private closed = false

  constructor(
    private readonly env: StreamEnvironment,
    private readonly auth: StreamAuth,
  ) {
    this.leave = env.onChange(() => this.surroundingsChanged())
  }

  // -- for owners of topics ------------------------------------------------------------------------------------

  /** Hear of a topic, beginning with a `metadata`; returns how to stop. */
  subscribe(topic: string, handler: TopicHandler): () => void {
    const waiting = this.releases.get(topic)
    if (waiting !== undefined) {
      this.env.clearTimer(waiting)
      this.releases.delete(topic)
    }
    let entry = this.topics.get(topic)
    if (entry === undefined) {
      entry = new TopicEntry(topic)
      this.topics.set(topic, entry)
      this.wantTopic(entry)
    } else if (entry.asked && entry.state !== 'pending') {
      // somebody hears it already: a new listener needs what is true now, too
      this.changes.refresh(topic)
      this.sendChangesSoon()
    }
    entry.handlers.add(handler)
    this.publish({})
    let stopped = false
    return () => {
      if (stopped) return
      stopped = true
      this.unsubscribe(topic, handler)
    }
  }

  /** Try at once instead of waiting. */
  now(): void {
    if (this.closed || this.attempt !== null || this.topics.size === 0) return
    if (this.shown.state !== 'signed-out') this.connect()
  }

  /** Begin again with a new person: forget where the old one was. */
  signedIn(): void {
    this.lastId = ''
    this.failures = 0
    if (this.shown.state === 'signed-out') this.setState('idle', {})
    this.now()
  }

  /** Stop and forget everything, as signing out does; a later subscription begins anew. */
  signedOut(): void {
    this.disconnect()
    this.lastId = ''
    this.setState('signed-out', { nextTryAt: null, attempts: 0, reason: '' })
  }

  /** End for good. */
  close(): void {
    this.closed = true
    this.leave()
    this.disconnect()
    for (const timer of this.releases.values()) this.env.clearTimer(timer)
    this.releases.clear()
    this.topics.clear()
    this.stopTimer('hiddenTimer')
    this.cancelFrame?.()
    this.cancelFrame = null
    this.queue = []
    this.setState('idle', {})
    this.listeners.clear()
  }

  /** How the connection is, now and whenever that changes. */
  watch(listener: (snapshot: ConnectionSnapshot) => void): () => void {
    this.listeners.add(listener)
    listener(this.shown)
    return () => this.listeners.delete(listener)
  }

  get snapshot(): ConnectionSnapshot {
    return this.shown
  }

  // -- topics --------------------------------------------------------------------------------------------------

  private wantTopic(entry: TopicEntry): void {
    if (this.closed) return
    if (this.connectionId !== '') {
      entry.asked = true
      this.changes.add(entry.name)
      this.sendChangesSoon()
    } else if (this.attempt !== null) {
      // asked for while a stream is being opened: the opened stream is told at once
      entry.asked = false
    } else if (this.retryTimer === null && this.shown.state !== 'signed-out' && !this.env.isHidden()) {
      this.connect()
    } else if (this.env.isHidden() && this.shown.state === 'idle') {
      this.setState('paused', {})
    }
  }

  private unsubscribe(topic: string, handler: TopicHandler): void {
    const entry = this.topics.get(topic)
    if (entry === undefined) return
    entry.handlers.delete(handler)
    if (entry.handlers.size > 0 || this.closed || this.releases.has(topic)) return
    const timer = this.env.setTimer(() => {
      this.releases.delete(topic)
      this.drop(topic)
    }, RELEASE_MS)
    this.releases.set(topic, timer)
  }

  /** Forget a topic and leave it on the server. */
  private drop(topic: string): void {
    const entry = this.topics.get(topic)
    if (entry === undefined) return
    this.topics.delete(topic)
    if (this.topics.size === 0) {
      this.disconnect()
      this.lastId = ''
      if (this.shown.state !== 'signed-out')
        this.setState('idle', { nextTryAt: null, attempts: 0, reason: '' })
      return
    }
    if (this.connectionId !== '' && entry.asked) {
      this.changes.remove(topic)
      this.sendChangesSoon()
    }
    this.publish({})
  }

  private refuse(refusal: TopicRefusal): void {
    const entry = this.topics.get(refusal.topic)
    if (entry === undefined) return
    entry.asked = false
    const handlers = [...entry.handlers]
    this.drop(refusal.topic)
    for (const handler of handlers) handler.onRefused?.(refusal)
  }

  private sendChangesSoon(): void {
    this.changesTimer ??= this.env.setTimer(() => {
      this.changesTimer = null
      void this.sendChanges()
    }, CHANGES_MS)
  }

  private async sendChanges(): Promise<void> {
    const connection = this.connectionId
    const attempt = this.attempt
    if (connection === '' || attempt === null || this.changes.isEmpty) return
    const changes = this.changes.take()
    let done = false
    try {
      const response = await this.env.fetch(`${ADDRESS}/${connection}`, {
        method: 'PATCH',
        headers: { ...this.authorization(), 'Content-Type': 'application/json' },
        body: JSON.stringify(changes),
        signal: attempt.abort.signal,
      })
      done = response.ok
      // an answer that nobody reads stays open
      await response.arrayBuffer()
    } catch {
      done = false
    }
    if (!done && this.attempt === attempt) this.reopen()
  }

  // -- the connection ------------------------------------------------------------------------------------------

  private connect(): void {
    this.stopTimer('retryTimer')
    const attempt: Attempt = { abort: new AbortController(), dead: null, steady: null }
    this.attempt = attempt
    const first = this.shown.lastLiveAt === null && this.failures === 0
    for (const entry of this.topics.values()) {
      if (entry.state === 'live' && this.lastId === '') entry.state = 'behind'
    }
    this.setState(first ? 'connecting' : 'reconnecting', { nextTryAt: null, attempts: this.failures })
    this.stillAlive(attempt)
    void this.open(attempt)
  }

  private async open(attempt: Attempt, refreshed = false): Promise<void> {
    const asked = [...this.topics.keys()]
    for (const entry of this.topics.values()) entry.asked = true
    let response: Response
    try {
      response = await this.env.fetch(`${ADDRESS}?topics=${encodeURIComponent(asked.join(','))}`, {
        method: 'GET',
        headers: {
          Accept: 'text/event-stream',
          ...this.authorization(),
          ...(this.lastId === '' ? {} : { 'Last-Event-ID': this.lastId }),
        },
        cache: 'no-store',
        signal: attempt.abort.signal,
      })
    } catch {
      this.failed(attempt, 'The server cannot be reached.')
      return
    }
    if (this.attempt !== attempt) return
    if (response.status === 401 && !refreshed) {
      if (await this.renew(attempt)) await this.open(attempt, true)
      return
    }
    if (!response.ok || response.body === null) {
      const problem = await readProblem(response)
      const wait = retryAfterMs(response.headers.get('Retry-After'), this.env.now())
      this.failed(attempt, problem.message, wait)
      return
    }
    await this.read(attempt, response.body)
  }

  private async read(attempt: Attempt, body: ReadableStream<Uint8Array>): Promise<void> {
    const parser = new EventStreamParser(
      {
        onEvent: (event) => {
          if (this.attempt === attempt) this.received(attempt, event)
        },
        onRetry: (milliseconds) => {
          this.retryMs = milliseconds
        },
      },
      this.lastId,
    )
    const reader = body.getReader()
    try {
      for (;;) {
        const piece = await reader.read()
        if (this.attempt !== attempt) return
        if (piece.done) break
        this.stillAlive(attempt)
        parser.feed(piece.value)
      }
      this.failed(attempt, 'The server ended the stream.')
    } catch {
      this.failed(attempt, 'The connection was cut.')
    } finally {
      void reader.cancel().catch(() => undefined)
    }
  }

  /** Note that bytes came; without any for a while the line is dead, whatever the socket says. */
  private stillAlive(attempt: Attempt): void {
    if (attempt.dead !== null) this.env.clearTimer(attempt.dead)
    attempt.dead = this.env.setTimer(() => {
      this.failed(attempt, 'Nothing was heard from the server for 40 s.')
    }, DEAD_LINE_MS)
  }

  private failed(attempt: Attempt, reason: string, wait: number | null = null): void {
    if (this.attempt !== attempt) return
    this.endAttempt()
    if (this.topics.size === 0) return
    const pause = wait ?? backoffMs(this.failures, this.retryMs, this.env.random)
    this.failures += 1
    this.retryTimer = this.env.setTimer(() => {
      this.retryTimer = null
      this.connect()
    }, pause)
    // a device without network may still reach a server on itself, so the attempts go on
    const state = this.env.isOnline() ? 'reconnecting' : 'offline'
    this.setState(state, { reason, attempts: this.failures, nextTryAt: this.env.now() + pause })
  }

  /** Get a new token through the shared refresh; false when this attempt is over. */
  private async renew(attempt: Attempt): Promise<boolean> {
    let token: string | null
    try {
      token = await this.auth.refresh()
    } catch {
      this.failed(attempt, 'The session could not be renewed.')
      return false
    }
    if (this.attempt !== attempt) return false
    if (token === null) {
      this.endAttempt()
      this.setState('signed-out', { nextTryAt: null, reason: 'The session has ended.' })
      return false
    }
    return true
  }

  /** Close and open again at once, with everything that is wanted now. */
  private reopen(): void {
    this.endAttempt()
    if (this.topics.size > 0) this.connect()
  }

  private endAttempt(): void {
    const attempt = this.attempt
    if (attempt === null) return
    this.attempt = null
    this.connectionId = ''
    this.changes.take()
    this.stopTimer('changesTimer')
    if (attempt.dead !== null) this.env.clearTimer(attempt.dead)
    if (attempt.steady !== null) this.env.clearTimer(attempt.steady)
    attempt.abort.abort()
  }

  private disconnect(): void {
    this.endAttempt()
    this.stopTimer('retryTimer')
    this.failures = 0
  }

  private authorization(): Record<string, string> {
    const token = this.auth.token()
    return token === null ? {} : { Authorization: `Bearer ${token}` }
  }

  // -- what comes ----------------------------------------------------------------------------------------------

  private received(attempt: Attempt, event: ServerEvent): void {
    const update = readUpdate(event.event, event.data)
    if (update === null) {
      this.ignore()
      return
    }
    if (event.id !== '') this.lastId = event.id
    if (update.event === 'connected' && update.topic === '') {
      this.opened(attempt, update.data)
    } else if (update.topic === '') {
      if (update.event === 'error') void this.streamError(attempt, update.data)
      else this.ignore()
    } else {
      this.topicUpdate(update)
    }
  }

  private opened(attempt: Attempt, data: unknown): void {
    const connected = readConnected(data)
    this.connectionId = connected.connectionId
    for (const { topic, code } of connected.refused) {
      this.refuse({ topic, code, message: 'It does not exist, or you may not see it.' })
    }
    if (this.attempt !== attempt) return
    attempt.steady = this.env.setTimer(() => {
      this.failures = 0
      this.publish({ attempts: 0 })
    }, STEADY_MS)
    this.setState('live', { lastLiveAt: this.env.now(), nextTryAt: null, reason: '' })
    // what changed while the stream was being opened
    const carried = new Set(connected.topics)
    for (const entry of this.topics.values()) {
      entry.asked = true
      if (!carried.has(entry.name)) this.changes.add(entry.name)
    }
    for (const topic of carried) if (!this.topics.has(topic)) this.changes.remove(topic)
    if (!this.changes.isEmpty) this.sendChangesSoon()
  }

  private async streamError(attempt: Attempt, data: unknown): Promise<void> {
    const code = isObject(data) ? textOf(data.code) : ''
    const message = (isObject(data) && textOf(data.error)) || 'The server ended the stream.'
    if (code === 'token-expired' || code === 'session-ended' || code === 'token-missing') {
      if (await this.renew(attempt)) this.reopen()
      return
    }
    this.failed(attempt, message)
  }

  private topicUpdate(update: Update): void {
    const entry = this.topics.get(update.topic)
    if (entry === undefined) return
    if (update.event === 'error') {
      const raw = isObject(update.data) ? update.data : {}
      this.refuse({ topic: update.topic, code: textOf(raw.code), message: textOf(raw.error) })
      return
    }
    if (update.event === 'gap') {
      entry.state = 'behind'
      entry.seen.clear()
      this.publish({})
    } else if (update.event === 'metadata') {
      if (entry.state !== 'live') {
        entry.state = 'live'
        this.publish({})
      }
    } else if (update.id !== '' && !entry.seen.add(update.id)) {
      return
    }
    this.enqueue(update)
  }

  private enqueue(update: Update): void {
    this.queue.push(update)
    if (this.queue.length > MOST_QUEUED) {
      this.overflow()
      return
    }
    this.cancelFrame ??= this.env.nextFrame(() => {
      this.cancelFrame = null
      this.flush()
    })
  }

  /** More came than can be shown: what is queued is thrown away, and everything is asked for anew. */
  private overflow(): void {
    const late = new Set(this.queue.map((update) => update.topic))
    this.queue = []
    this.lastId = ''
    for (const entry of this.topics.values()) {
      if (!late.has(entry.name)) continue
      entry.state = 'behind'
      entry.seen.clear()
      for (const handler of entry.handlers) handler.onGap?.()
    }
    this.reopen()
  }

  private flush(): void {
    const updates = this.queue
    this.queue = []
    for (const update of updates) {
      const entry = this.topics.get(update.topic)
      if (entry === undefined) continue
      for (const handler of [...entry.handlers]) {
        if (update.event === 'gap') handler.onGap?.()
        else handler.onUpdate(update)
      }
      if (LAST_EVENTS.has(update.event)) this.finished(update.topic)
    }
  }

  /** The server says no more on this topic: it is not asked for again. */
  private finished(topic: string): void {
    const waiting = this.releases.get(topic)
    if (waiting !== undefined) {
      this.env.clearTimer(waiting)
      this.releases.delete(topic)
    }
    this.drop(topic)
  }

  private ignore(): void {
    this.publish({ ignored: this.shown.ignored + 1 })
  }

  // -- the world around ----------------------------------------------------------------------------------------

  private surroundingsChanged(): void {
    if (this.closed) return
    if (this.env.isHidden()) {
      if (this.hiddenTimer === null && this.topics.size > 0 && this.shown.state !== 'paused') {
        this.hiddenTimer = this.env.setTimer(() => {
          this.hiddenTimer = null
          this.pause()
        }, HIDDEN_MS)
      }
      return
    }
    this.stopTimer('hiddenTimer')
    if (this.topics.size === 0 || this.shown.state === 'signed-out') return
    if (this.attempt === null && this.env.isOnline()) this.connect()
  }

  private pause(): void {
    if (this.shown.state === 'signed-out' || this.topics.size === 0) return
    this.disconnect()
    this.setState('paused', { nextTryAt: null })
  }

  private stopTimer(name: 'retryTimer' | 'hiddenTimer' | 'changesTimer'): void {
    const timer = this[name]
    if (timer === null) return
    this.env.clearTimer(timer)
    this[name] = null
  }

  private setState(state: ConnectionState, more: Partial<ConnectionSnapshot>): void {
    const since = state === this.shown.state ? this.shown.since : this.env.now()
    const left = this.shown.state === 'live' && state !== 'live' ? { lastLiveAt: this.env.now() } : {}
    this.publish({ ...left, ...more, state, since })
  }

  private publish(changes: Partial<ConnectionSnapshot>): void {
    const topics = [...this.topics.values()].map(({ name, state }) => ({ topic: name, state }))
    this.shown = { ...this.shown, ...changes, topics }
    for (const listener of [...this.listeners]) listener(this.shown)
  }
}
