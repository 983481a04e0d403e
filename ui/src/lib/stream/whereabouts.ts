import type { Changes, Place } from './topics'

/** Tells the server where the person is: when that changes, and on every stream anew. */
export class Whereabouts {
  /** The id under which others know this tab; empty while there is no connection. */
  id = ''
  private place: Place = null
  private told = true

  constructor(private readonly changed: () => void) {}

  goTo(place: Place): void {
    this.place = place
    this.told = false
    this.changed()
  }

  /** A stream is open that knows nothing yet; gives whether there is something to tell it. */
  opened(id: string): boolean {
    this.id = id
    this.told = this.place === null
    return !this.told
  }

  /** Tell what was not told yet. Refused, others do not see where the person is: no reason to hear nothing. */
  tell(change: (changes: Changes) => Promise<unknown>): void {
    if (this.told) return
    this.told = true
    void change({ add: [], remove: [], at: this.place })
  }
}
