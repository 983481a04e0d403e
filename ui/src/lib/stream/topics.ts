import type { StreamEnvironment, Timer, TopicHandler, TopicState, Update } from './types'

const MOST_IDS = 1_024
const RELEASE_MS = 5_000

/** Remembers the newest ids of one topic, so that what comes twice is applied once. Ids are compared, never read. */
export class SeenIds {
  private readonly ids = new Set<string>()

  /** Whether the id is new. */
  add(id: string): boolean {
    if (this.ids.has(id)) return false
    this.ids.add(id)
    if (this.ids.size > MOST_IDS) {
      const oldest = this.ids.values().next()
      if (!oldest.done) this.ids.delete(oldest.value)
    }
    return true
  }

  clear(): void {
    this.ids.clear()
  }
}

/** A topic somebody wants to hear. */
export class TopicEntry {
  readonly handlers = new Set<TopicHandler>()
  private readonly seen = new SeenIds()
  state: TopicState = 'pending'
  /** Whether the open stream carries it (or was asked to). */
  asked = false

  constructor(readonly name: string) {}

  /** Take an update into account; false when it came before. */
  accept({ event, id }: Update): boolean {
    if (event === 'gap') this.fallBehind()
    else if (event === 'metadata') this.state = 'live'
    else return id === '' || this.seen.add(id)
    return true
  }

  /** Updates were lost; the `metadata` that follows is the new truth. */
  fallBehind(): void {
    this.state = 'behind'
    this.seen.clear()
  }
}

/** The topics that somebody wants, or wanted a moment ago. */
export class Topics implements Iterable<TopicEntry> {
  private readonly entries = new Map<string, TopicEntry>()
  private readonly releases = new Map<string, Timer>()

  constructor(private readonly env: StreamEnvironment) {}

  [Symbol.iterator](): Iterator<TopicEntry> {
    return this.entries.values()
  }

  get isEmpty(): boolean {
    return this.entries.size === 0
  }

  get(name: string): TopicEntry | undefined {
    return this.entries.get(name)
  }

  add(name: string): TopicEntry {
    const entry = new TopicEntry(name)
    this.entries.set(name, entry)
    return entry
  }

  /** Call when nobody has wanted it again for a while. */
  release(name: string, work: () => void): void {
    if (this.releases.has(name)) return
    const timer = this.env.setTimer(() => {
      this.releases.delete(name)
      work()
    }, RELEASE_MS)
    this.releases.set(name, timer)
  }

  /** It is not to be released after all. */
  keep(name: string): void {
    const waiting = this.releases.get(name)
    if (waiting !== undefined) this.env.clearTimer(waiting)
    this.releases.delete(name)
  }

  delete(name: string): void {
    this.keep(name)
    this.entries.delete(name)
  }

  clear(): void {
    for (const name of [...this.releases.keys()]) this.keep(name)
    this.entries.clear()
  }
}

/** Where a person is, as others are told; null: nowhere. */
export type Place = { workflow_id: string; node_id: string | null; editing: boolean } | null

export type Changes = { add: string[]; remove: string[]; at?: Place }

/** Changes to an open stream's topics that wait to be sent together. */
export class TopicChanges {
  private readonly adding = new Set<string>()
  private readonly removing = new Set<string>()

  add(topic: string): void {
    // a topic that was to be left and is wanted again stays, and the server begins it anew
    this.adding.add(topic)
  }

  remove(topic: string): void {
    if (this.adding.delete(topic) && !this.removing.has(topic)) return
    this.removing.add(topic)
  }

  /** Leave and take up again: the answer is a fresh `metadata`. */
  refresh(topic: string): void {
    this.removing.add(topic)
    this.adding.add(topic)
  }

  get isEmpty(): boolean {
    return this.adding.size === 0 && this.removing.size === 0
  }

  take(): { add: string[]; remove: string[] } {
    const taken = { add: [...this.adding], remove: [...this.removing] }
    this.adding.clear()
    this.removing.clear()
    return taken
  }
}
