import { create } from 'zustand'
import { api, type Schema } from '@/lib/api/client'
import { ApiError, toApiError } from '@/lib/api/error'
import { setTokenSource } from '@/lib/api/session'
import { forgetSession, mayHaveSession, rememberSession } from './hint'
import { openTabs, type Grant, type Message, type Tabs, type User } from './messages'

/** `unreachable`: nobody knows yet, because the server did not answer at the start. */
export type Phase = 'starting' | 'signed-in' | 'signed-out' | 'unreachable'

export interface AuthState {
  phase: Phase
  user: User | null
  /** Why nobody is signed in: the session ended by itself, or somebody signed out. */
  ended: 'expired' | 'left' | null
  /** What the server said at the start, when it could not say who this is. */
  problem: ApiError | null
}

const NOBODY: AuthState = { phase: 'signed-out', user: null, ended: null, problem: null }
const RENEW_BEFORE_MS = 60_000
const LONGEST_TIMER_MS = 2 ** 31 - 1

/** Who is signed in. The token is not in here: it is kept in memory, out of reach of whatever shows state. */
export const useAuth = create<AuthState>(() => ({ ...NOBODY, phase: 'starting' }))

let grant: Grant | null = null
let renewal: Promise<string> | null = null
let signingOut = false
let timer: ReturnType<typeof setTimeout> | undefined
let tabs: Tabs | null = null
const leaving = new Set<() => void>()

/** The access token for requests that the client does not make itself, such as streams. */
export function getToken(): string | null {
  return grant?.token ?? null
}

/** Who is signed in, for components below the guard. */
export function useUser(): User {
  const user = useAuth((state) => state.user)
  if (!user) throw new Error('useUser is used where nobody is signed in.')
  return user
}

/** Call back whenever this tab stops being signed in: caches and streams end with it. */
export function onSignedOut(callback: () => void): () => void {
  leaving.add(callback)
  return () => leaving.delete(callback)
}

/** Find out who this is by the refresh cookie. Called once when the page starts, and by *Retry*. */
export async function startSession(): Promise<void> {
  tabs ??= openTabs(receive)
  setTokenSource({ token: getToken, renew: (refused) => refreshToken(refused) })
  document.addEventListener('visibilitychange', renewWhenDue)
  if (!mayHaveSession()) {
    useAuth.setState({ ...NOBODY })
    return
  }
  useAuth.setState({ phase: 'starting', problem: null })
  try {
    await refreshToken()
  } catch (cause) {
    const problem = toApiError(cause)
    if (isRefused(problem)) leave('unknown')
    else useAuth.setState({ phase: 'unreachable', problem })
  }
}

/** Take what sign-in or sign-up answered. */
export function accept(answer: Schema<'SessionAnswer'>, response: Response): void {
  // the life of the token is the difference of two times of the server, so that a wrong clock here does no harm
  const sent = Date.parse(response.headers.get('Date') ?? '')
  const life = Date.parse(answer.expires_at) - (Number.isNaN(sent) ? Date.now() : sent)
  const { id, name, email, role } = answer.user
  const next = { token: answer.access_token, until: Date.now() + life, user: { id, name, email, role } }
  take(next)
  tabs?.post({ kind: 'granted', grant: next })
}

/**
 * Return another token than the refused one; all who ask meanwhile get the same.
 *
 * Tabs share the cookie, which changes with each use, so they renew one after the other; who waited finds the token
 * that the first has posted and asks no more.
 *
 * @throws ApiError 401 when the session is over (then nobody is signed in any more), or what kept it from being renewed
 */
export function refreshToken(refused: string | null = getToken()): Promise<string> {
  if (grant && grant.token !== refused) return Promise.resolve(grant.token)
  renewal ??= renew(refused).finally(() => {
    renewal = null
  })
  return renewal
}

async function renew(refused: string | null): Promise<string> {
  // what is refused because one signs out, such as the open stream, asks for no other token
  if (signingOut || !mayHaveSession())
    throw new ApiError({ status: 401, code: 'signed-out', message: 'Sign in first.' })
  const work = async (): Promise<string> => {
    if (grant && grant.token !== refused) return grant.token
    try {
      const { data, response } = await api.POST('/v1/api/auth/refresh')
      if (!data) throw new ApiError({ status: 401, code: 'refresh-missing', message: 'Sign in first.' })
      accept(data, response)
      return data.access_token
    } catch (cause) {
      if (isRefused(toApiError(cause)) && useAuth.getState().phase === 'signed-in') leave('expired')
      throw cause
    }
  }
  return tabs ? tabs.alone(work) : work()
}

/**
 * End the session here, in the other tabs and on the server.
 *
 * @throws ApiError when the server was not reached; then the session goes on, because its cookie is still there
 */
export async function signOut(): Promise<void> {
  // the way out needs a token that holds
  if (grant && grant.until < Date.now()) await refreshToken().catch(() => undefined)
  signingOut = true
  try {
    await api.POST('/v1/api/auth/logout')
  } catch (cause) {
    if (!isRefused(toApiError(cause))) throw cause
  } finally {
    signingOut = false
  }
  leave('left')
  tabs?.post({ kind: 'signed-out' })
}

/** Forget everything; for tests and for nothing else. */
export function resetSession(): void {
  tabs?.close()
  tabs = null
  grant = null
  renewal = null
  clearTimeout(timer)
  leaving.clear()
  setTokenSource(null)
  document.removeEventListener('visibilitychange', renewWhenDue)
  useAuth.setState({ ...NOBODY, phase: 'starting' })
}

function isRefused(problem: ApiError): boolean {
  return problem.status === 401 || problem.status === 403
}

function take(next: Grant): void {
  grant = next
  rememberSession()
  useAuth.setState({ phase: 'signed-in', user: next.user, ended: null, problem: null })
  clearTimeout(timer)
  const wait = Math.max(1000, next.until - Date.now() - RENEW_BEFORE_MS)
  timer = setTimeout(renewWhenDue, Math.min(wait, LONGEST_TIMER_MS))
}

/** Also called when the tab is shown again: timers stand still while a machine sleeps. */
function renewWhenDue(): void {
  if (!grant || document.visibilityState === 'hidden' || grant.until - Date.now() > RENEW_BEFORE_MS + 1000)
    return
  // without an answer the token is tried until it is refused; each request asks again then
  refreshToken().catch(() => undefined)
}

function leave(ended: 'expired' | 'left' | 'unknown'): void {
  grant = null
  clearTimeout(timer)
  forgetSession()
  useAuth.setState({ ...NOBODY, ended: ended === 'unknown' ? null : ended })
  for (const callback of leaving) callback()
}

function receive(message: Message): void {
  if (message.kind === 'granted') {
    const known = useAuth.getState().user
    // somebody else has signed in beside us: what is cached here belongs to another person
    if (known && known.id !== message.grant.user.id) leave('left')
    take(message.grant)
  } else if (useAuth.getState().phase === 'signed-in') {
    leave('left')
  }
}
