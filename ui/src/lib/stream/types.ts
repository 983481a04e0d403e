/** Something that happened, as the server tells it: `{topic, id, at, data}` under the event's name. */
export type Update = {
  topic: string
  event: string
  /** Grows within its topic; empty for what the stream itself says. */
  id: string
  at: string
  data: unknown
}

export type TopicRefusal = { topic: string; code: string; message: string }

/** What the owner of a topic is told. Handlers are called in order, all of one frame together. */
export type TopicHandler = {
  onUpdate: (update: Update) => void
  /** The topic cannot be heard: not there, or not for this person. It is dropped. */
  onRefused?: (refusal: TopicRefusal) => void
  /** Updates were lost; what is shown may be old until the `metadata` that follows. */
  onGap?: () => void
}

export type ConnectionState =
  'idle' | 'connecting' | 'live' | 'reconnecting' | 'offline' | 'paused' | 'signed-out'

export type TopicState = 'pending' | 'live' | 'behind'

export type ConnectionSnapshot = {
  state: ConnectionState
  /** When this state began, milliseconds since the epoch. */
  since: number
  /** When the stream was last live; null before the first time. */
  lastLiveAt: number | null
  /** Attempts that failed since it was live. */
  attempts: number
  nextTryAt: number | null
  /** Why the last attempt failed, in words. */
  reason: string
  topics: { topic: string; state: TopicState }[]
  /** Updates that nobody here understands; a newer server sends them. */
  ignored: number
}

export const NOT_CONNECTED: ConnectionSnapshot = {
  state: 'idle',
  since: 0,
  lastLiveAt: null,
  attempts: 0,
  nextTryAt: null,
  reason: '',
  topics: [],
  ignored: 0,
}

export type Timer = ReturnType<typeof setTimeout>

/** The world outside, so that tests can stand still in time. */
export type StreamEnvironment = {
  fetch: (address: string, init: RequestInit) => Promise<Response>
  now: () => number
  random: () => number
  setTimer: (work: () => void, milliseconds: number) => Timer
  clearTimer: (timer: Timer) => void
  /** Calls once before the next paint; returns how to take that back. */
  nextFrame: (work: () => void) => () => void
  isHidden: () => boolean
  isOnline: () => boolean
  /** Calls when the tab is hidden or shown, or the network comes or goes. */
  onChange: (work: () => void) => () => void
}

export type StreamAuth = {
  /** The access token; null when nobody is signed in. */
  token: () => string | null
  /** Gets a new one, shared with everybody who asks at the same time; null when that was refused. */
  refresh: () => Promise<string | null>
}
