import { createStore, type StoreApi } from 'zustand/vanilla'
import { z } from '@/lib/config/zod'
import { streamClient } from '@/lib/stream/stream'

const Someone = z.object({
  id: z.string(),
  name: z.string(),
  color: z.string().regex(/^#[0-9a-f]{6}$/i),
  node_id: z.string().nullable().catch(null),
  editing: z.boolean().catch(false),
})
/** One person in one browser tab, and the card that is open there. */
export type Someone = z.infer<typeof Someone>

const Presence = z.object({ people: z.array(Someone) })

/** Who else has the workflow open; this tab is left out. */
export type PeopleStore = StoreApi<{ people: readonly Someone[] }>

export function createPeopleStore(): PeopleStore {
  return createStore<{ people: readonly Someone[] }>(() => ({ people: [] }))
}

/** Take in who has the workflow open, as the stream tells it. */
export function hearPeople(store: PeopleStore, data: unknown, own = streamClient().where.id): void {
  const heard = Presence.safeParse(data)
  if (heard.success) store.setState({ people: heard.data.people.filter(({ id }) => id !== own) })
}
