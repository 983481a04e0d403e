import type { Update } from './types'

type Json = Record<string, unknown>

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/** The update in an event's data; null when it is none. */
export function readUpdate(event: string, text: string): Update | null {
  let raw: unknown
  try {
    raw = JSON.parse(text)
  } catch {
    return null
  }
  if (!isObject(raw)) return null
  return { event, topic: textOf(raw.topic), id: textOf(raw.id), at: textOf(raw.at), data: raw.data }
}

export type Connected = { connectionId: string; topics: string[]; refused: { topic: string; code: string }[] }

/** What the first event of a stream says. */
export function readConnected(data: unknown): Connected {
  const raw = isObject(data) ? data : {}
  const refused = Array.isArray(raw.refused) ? raw.refused.filter(isObject) : []
  const topics = Array.isArray(raw.topics) ? raw.topics.filter((item) => typeof item === 'string') : []
  return {
    connectionId: textOf(raw.connection_id),
    topics,
    refused: refused.map((item) => ({ topic: textOf(item.topic), code: textOf(item.code) })),
  }
}

/** The sentence of an error answer, or what its status says. */
export async function readProblem(response: Response): Promise<{ code: string; message: string }> {
  const status = `The server answered ${response.status}.`
  try {
    const raw: unknown = await response.json()
    if (!isObject(raw)) return { code: '', message: status }
    return { code: textOf(raw.code), message: textOf(raw.error) || status }
  } catch {
    return { code: '', message: status }
  }
}

/** What an `error` event says. */
export function readError(data: unknown): { code: string; message: string } {
  const raw = isObject(data) ? data : {}
  return { code: textOf(raw.code), message: textOf(raw.error) }
}

/** Whether an error says that the token is needed, or needed anew. */
export function asksForToken(code: string): boolean {
  return code === 'token-expired' || code === 'session-ended' || code === 'token-missing'
}

const LAST_EVENTS = new Set(['complete', 'completed', 'failed', 'cancelled'])

/** Whether nothing more comes on the topic of an update. */
export function endsTopic({ event }: Update): boolean {
  return LAST_EVENTS.has(event)
}
