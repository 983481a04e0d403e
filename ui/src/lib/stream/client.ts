import { Attempt } from './attempt'
import { Inbox } from './inbox'
import type { ServerEvent } from './parser'
import { asksForToken, endsTopic, readConnected, readError, readUpdate } from './read'
import { Retries } from './retries'
import { ConnectionStatus } from './connection-status'
import { PageVisibility } from './page-visibility'
import { TopicChanges, type TopicEntry, Topics } from './topics'
import type {
  ConnectionSnapshot,
  StreamAuth,
  StreamEnvironment,
  Timer,
  TopicHandler,
  TopicRefusal,
  Update,
} from './types'
import { Whereabouts } from './whereabouts'

const CHANGES_MS = 100

/**
 * The one stream of a browser tab: all topics over one connection that heals itself.
 *
 * Knows nothing of React. `subscribe` returns how to stop; the first subscription connects, and when the last topic
 * is released the connection is closed. Updates are handed out once per frame, in order, each once.
 */
export class StreamClient {
  private readonly topics: Topics
  private readonly status: ConnectionStatus
  private readonly retries: Retries
  private readonly inbox: Inbox
  private readonly changes = new TopicChanges()
  readonly where = new Whereabouts(() => this.sendChangesSoon())
  private readonly visibility: PageVisibility
  private attempt: Attempt | null = null
  private lastId = ''
  private changesTimer: Timer | null = null
  private closed = false

  constructor(
    private readonly env: StreamEnvironment,
    private readonly auth: StreamAuth,
  ) {
    this.topics = new Topics(env)
    this.status = new ConnectionStatus(env, this.topics)
    this.retries = new Retries(env, () => this.connect())
    this.inbox = new Inbox(
      env,
      (update) => this.deliver(update),
      (late) => this.overflowed(late),
    )
    this.visibility = new PageVisibility(env, {
      canRest: () => !this.topics.isEmpty && this.status.state !== 'paused',
      onHidden: () => this.pause(),
      onShown: () => {
        if (env.isOnline()) this.now()
      },
    })
  }

  /** Hear of a topic, beginning with a `metadata`; returns how to stop. */
  subscribe(topic: string, handler: TopicHandler): () => void {
    this.topics.keep(topic)
    let entry = this.topics.get(topic)
    if (entry === undefined) {
      entry = this.topics.add(topic)
      this.wantTopic(entry)
    } else if (entry.asked && entry.state !== 'pending') {
      // somebody hears it already: a new listener needs what is true now, too
      this.changes.refresh(topic)
      this.sendChangesSoon()
    }
    entry.handlers.add(handler)
    this.status.tell()
    let stopped = false
    return () => {
      if (stopped) return
      stopped = true
      this.unsubscribe(topic, handler)
    }
  }

  /** Try at once instead of waiting. */
  now(): void {
    if (this.closed || this.attempt !== null || this.topics.isEmpty) return
    if (this.status.state !== 'signed-out') this.connect()
  }

  /** Begin again with a new person: forget where the old one was. */
  signedIn(): void {
    this.lastId = ''
    this.retries.forget()
    if (this.status.state === 'signed-out') this.status.enter('idle')
    this.now()
  }

  /** Stop and forget everything, as signing out does; a later subscription begins anew. */
  signedOut(): void {
    this.disconnect()
    this.lastId = ''
    this.status.enter('signed-out', { nextTryAt: null, attempts: 0, reason: '' })
  }

  /** End for good. */
  close(): void {
    this.closed = true
    this.visibility.close()
    this.disconnect()
    this.topics.clear()
    this.inbox.clear()
    this.status.enter('idle')
    this.status.forgetListeners()
  }

  /** How the connection is, now and whenever that changes. */
  watch(listener: (snapshot: ConnectionSnapshot) => void): () => void {
    return this.status.watch(listener)
  }

  get snapshot(): ConnectionSnapshot {
    return this.status.snapshot
  }

  // -- topics --------------------------------------------------------------------------------------------------

  private wantTopic(entry: TopicEntry): void {
    if (this.closed) return
    if (this.where.id !== '') {
      entry.asked = true
      this.changes.add(entry.name)
      this.sendChangesSoon()
    } else if (this.attempt !== null) {
      // asked for while a stream is being opened: the opened stream is told at once
      entry.asked = false
    } else if (!this.retries.isWaiting && this.status.state !== 'signed-out' && !this.env.isHidden()) {
      this.connect()
    } else if (this.env.isHidden() && this.status.state === 'idle') {
      this.status.enter('paused')
    }
  }

  private unsubscribe(topic: string, handler: TopicHandler): void {
    const entry = this.topics.get(topic)
    if (entry === undefined) return
    entry.handlers.delete(handler)
    if (entry.handlers.size === 0 && !this.closed) this.topics.release(topic, () => this.drop(topic))
  }

  /** Forget a topic and leave it on the server. */
  private drop(topic: string): void {
    const entry = this.topics.get(topic)
    if (entry === undefined) return
    this.topics.delete(topic)
    if (this.topics.isEmpty) {
      this.disconnect()
      this.lastId = ''
      if (this.status.state !== 'signed-out')
        this.status.enter('idle', { nextTryAt: null, attempts: 0, reason: '' })
      return
    }
    if (this.where.id !== '' && entry.asked) {
      this.changes.remove(topic)
      this.sendChangesSoon()
    }
    this.status.tell()
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
    const { attempt, where } = this
    if (where.id === '' || attempt === null) return
    where.tell((changes) => attempt.change(where.id, changes))
    if (this.changes.isEmpty) return
    const done = await attempt.change(where.id, this.changes.take())
    if (!done && this.attempt === attempt) this.reopen()
  }

  // -- the connection ------------------------------------------------------------------------------------------

  private connect(): void {
    this.retries.stop()
    const attempt: Attempt = new Attempt(this.env, this.auth, {
      wanted: () => this.wanted(),
      lastId: () => this.lastId,
      onEvent: (event) => this.received(attempt, event),
      onRetry: (milliseconds) => {
        this.retries.baseMs = milliseconds
      },
      onFailed: (reason, wait) => this.failed(reason, wait),
      onSignedOut: () => {
        this.endAttempt()
        this.status.enter('signed-out', { nextTryAt: null, reason: 'The session has ended.' })
      },
    })
    this.attempt = attempt
    const { failures } = this.retries
    const first = this.snapshot.lastLiveAt === null && failures === 0
    for (const entry of this.topics) {
      if (entry.state === 'live' && this.lastId === '') entry.state = 'behind'
    }
    this.status.enter(first ? 'connecting' : 'reconnecting', { nextTryAt: null, attempts: failures })
    attempt.start()
  }

  private wanted(): string[] {
    const entries = [...this.topics]
    for (const entry of entries) entry.asked = true
    return entries.map(({ name }) => name)
  }

  private failed(reason: string, wait: number | null): void {
    this.endAttempt()
    if (this.topics.isEmpty) return
    const pause = this.retries.later(wait)
    // a device without network may still reach a server on itself, so the attempts go on
    const state = this.env.isOnline() ? 'reconnecting' : 'offline'
    this.status.enter(state, {
      reason,
      attempts: this.retries.failures,
      nextTryAt: this.env.now() + pause,
    })
  }

  /** Close and open again at once, with everything that is wanted now. */
  private reopen(): void {
    this.endAttempt()
    if (!this.topics.isEmpty) this.connect()
  }

  private endAttempt(): void {
    const { attempt } = this
    if (attempt === null) return
    this.attempt = null
    this.where.id = ''
    this.changes.take()
    if (this.changesTimer !== null) this.env.clearTimer(this.changesTimer)
    this.changesTimer = null
    this.retries.ended()
    attempt.end()
  }

  private disconnect(): void {
    this.endAttempt()
    this.retries.stop()
    this.retries.forget()
  }

  /** Nobody looks: leave until somebody does. */
  private pause(): void {
    if (this.status.state === 'signed-out' || this.topics.isEmpty) return
    this.disconnect()
    this.status.enter('paused', { nextTryAt: null })
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
    for (const { topic, code } of connected.refused) {
      this.refuse({ topic, code, message: 'It does not exist, or you may not see it.' })
    }
    if (this.attempt !== attempt) return
    this.retries.opened(() => this.status.tell({ attempts: 0 }))
    this.status.enter('live', { lastLiveAt: this.env.now(), nextTryAt: null, reason: '' })
    const hasMoved = this.where.opened(connected.connectionId)
    // what changed while the stream was being opened
    const carried = new Set(connected.topics)
    for (const entry of this.topics) {
      entry.asked = true
      if (!carried.has(entry.name)) this.changes.add(entry.name)
    }
    for (const topic of carried) if (this.topics.get(topic) === undefined) this.changes.remove(topic)
    if (!this.changes.isEmpty || hasMoved) this.sendChangesSoon()
  }

  private async streamError(attempt: Attempt, data: unknown): Promise<void> {
    const { code, message } = readError(data)
    if (!asksForToken(code)) attempt.fail(message || 'The server ended the stream.')
    else if (await attempt.renew()) this.reopen()
  }

  private topicUpdate(update: Update): void {
    const entry = this.topics.get(update.topic)
    if (entry === undefined) return
    if (update.event === 'error') {
      this.refuse({ topic: update.topic, ...readError(update.data) })
      return
    }
    const { state } = entry
    if (!entry.accept(update)) return
    if (entry.state !== state) this.status.tell()
    this.inbox.add(update)
  }

  /** More came than can be shown: everything is asked for anew. */
  private overflowed(late: ReadonlySet<string>): void {
    this.lastId = ''
    for (const entry of this.topics) {
      if (!late.has(entry.name)) continue
      entry.fallBehind()
      for (const handler of entry.handlers) handler.onGap?.()
    }
    this.reopen()
  }

  private deliver(update: Update): void {
    const entry = this.topics.get(update.topic)
    if (entry === undefined) return
    for (const handler of [...entry.handlers]) {
      if (update.event === 'gap') handler.onGap?.()
      else handler.onUpdate(update)
    }
    // the server says no more on this topic: it is not asked for again
    if (endsTopic(update)) this.drop(update.topic)
  }

  private ignore(): void {
    this.status.tell({ ignored: this.snapshot.ignored + 1 })
  }
}
