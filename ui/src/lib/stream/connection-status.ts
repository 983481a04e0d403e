import type { TopicEntry } from './topics'
import { NOT_CONNECTED, type ConnectionSnapshot, type ConnectionState, type StreamEnvironment } from './types'

type Listener = (snapshot: ConnectionSnapshot) => void

/** How the connection is, and who is told. */
export class ConnectionStatus {
  private readonly listeners = new Set<Listener>()
  private current: ConnectionSnapshot = NOT_CONNECTED

  constructor(
    private readonly env: StreamEnvironment,
    private readonly topics: Iterable<TopicEntry>,
  ) {}

  get snapshot(): ConnectionSnapshot {
    return this.current
  }

  get state(): ConnectionState {
    return this.current.state
  }

  /** Tell it now and whenever it changes; returns how to stop. */
  watch(listener: Listener): () => void {
    this.listeners.add(listener)
    listener(this.current)
    return () => this.listeners.delete(listener)
  }

  forgetListeners(): void {
    this.listeners.clear()
  }

  enter(state: ConnectionState, more: Partial<ConnectionSnapshot> = {}): void {
    const before = this.current
    const since = state === before.state ? before.since : this.env.now()
    const left = before.state === 'live' && state !== 'live' ? { lastLiveAt: this.env.now() } : {}
    this.tell({ ...left, ...more, state, since })
  }

  /** Say what has changed, also in the topics. */
  tell(changes: Partial<ConnectionSnapshot> = {}): void {
    const topics = [...this.topics].map(({ name, state }) => ({ topic: name, state }))
    this.current = { ...this.current, ...changes, topics }
    for (const listener of [...this.listeners]) listener(this.current)
  }
}
