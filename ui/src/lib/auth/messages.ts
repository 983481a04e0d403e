import { z } from '@/lib/config/zod'

export const User = z.object({
  id: z.string(),
  name: z.string(),
  email: z.string(),
  role: z.string(),
})
export type User = z.infer<typeof User>

/** A token and until when it holds, by this browser's clock in milliseconds. */
export const Grant = z.object({ token: z.string(), until: z.number(), user: User })
export type Grant = z.infer<typeof Grant>

/** What tabs tell each other. */
export const Message = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('granted'), grant: Grant }),
  z.object({ kind: z.literal('signed-out') }),
])
export type Message = z.infer<typeof Message>

export interface Tabs {
  post: (message: Message) => void
  /** Run something while no other tab does. */
  alone: <Result>(work: () => Promise<Result>) => Promise<Result>
  close: () => void
}

const NAME = 'kubeorch.auth'

/** The other tabs of this origin; without the browser's support each tab is on its own. */
export function openTabs(receive: (message: Message) => void): Tabs {
  const channel = 'BroadcastChannel' in window ? new BroadcastChannel(NAME) : null
  if (channel) {
    channel.onmessage = (event: MessageEvent<unknown>) => {
      const message = Message.safeParse(event.data)
      if (message.success) receive(message.data)
    }
  }
  // plain http has no Web Locks; the server takes a token used twice within seconds for a repeated request
  const locks = 'locks' in navigator ? navigator.locks : null
  return {
    post: (message) => channel?.postMessage(message),
    alone: async (work) =>
      (locks ? await locks.request(NAME, async () => ({ done: await work() })) : { done: await work() }).done,
    close: () => channel?.close(),
  }
}
