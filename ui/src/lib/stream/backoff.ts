export const BASE_MS = 1_000
export const CAP_MS = 30_000

/**
 * How long to wait before the next attempt: full jitter, so that the clients of a restarted server come back spread.
 * https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export function backoffMs(attempt: number, base: number, random: () => number): number {
  const most = Math.min(CAP_MS, base * 2 ** Math.min(attempt, 16))
  return Math.round(random() * most)
}

/** Milliseconds of a `Retry-After` header, which is seconds or a date; null when there is none that can be read. */
export function retryAfterMs(header: string | null, now: number): number | null {
  if (header === null) return null
  const text = header.trim()
  if (/^[0-9]+$/.test(text)) return Number(text) * 1_000
  const date = Date.parse(text)
  return Number.isNaN(date) ? null : Math.max(0, date - now)
}
