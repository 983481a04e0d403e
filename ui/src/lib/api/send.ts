import { errorOf, networkError } from './error'
import { tokenSource } from './session'

/** A random id. `crypto.randomUUID` is missing on plain http, where many installations live. */
export function newId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('')
}

const BY_PASSWORD_OR_COOKIE = /\/v1\/api\/auth\/(login|register|refresh|methods)$/

/**
 * `fetch` for our API: token, request id, one renewal after 401, and ApiErrors instead of refusals.
 *
 * A 401 of sign-in itself says that the password is wrong, not that a session is over, so it is passed on.
 */
export async function send(request: Request): Promise<Response> {
  const requestId = request.headers.get('X-Request-Id') ?? newId()
  request.headers.set('X-Request-Id', requestId)
  request.headers.set('Accept', request.headers.get('Accept') ?? 'application/json')
  try {
    const response = await sendSigned(request)
    if (!response.ok && response.status !== 304) throw await errorOf(response)
    return response
  } catch (cause) {
    throw networkError(cause, requestId)
  }
}

async function sendSigned(request: Request): Promise<Response> {
  const source = tokenSource()
  const token = source?.token()
  if (!source || !token || BY_PASSWORD_OR_COOKIE.test(new URL(request.url).pathname)) return fetch(request)
  const again = request.clone()
  request.headers.set('Authorization', `Bearer ${token}`)
  const response = await fetch(request)
  if (response.status !== 401) return response
  again.headers.set('Authorization', `Bearer ${await source.renew(token)}`)
  return fetch(again)
}
