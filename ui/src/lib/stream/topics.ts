import type { TopicHandler, TopicState } from './types'

const MOST_IDS = 1_024

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
  readonly seen = new SeenIds()
  state: TopicState = 'pending'
  /** Whether the open stream carries it (or was asked to). */
  asked = false

  constructor(readonly name: string) {}
}

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
