import { waitFor } from '@testing-library/react'
import { HttpResponse } from 'msw'
import { describe, expect, test, vi } from 'vitest'
import { api } from '@/lib/api/client'
import { makeSession } from '@/testing/factories'
import { on, refusal, server } from '@/testing/server'
import { rememberSession } from './hint'
import type { Message } from './messages'
import { accept, getToken, onSignedOut, refreshToken, signOut, startSession, useAuth } from './session'

const phase = () => useAuth.getState().phase

/** Another tab of the same browser. */
function openOtherTab() {
  const channel = new BroadcastChannel('kubeorch.auth')
  const heard: Message[] = []
  channel.onmessage = (event: MessageEvent<Message>) => heard.push(event.data)
  return { heard, say: (message: Message) => channel.postMessage(message), close: () => channel.close() }
}

describe('start', () => {
  test('asks nothing where nobody was signed in', async () => {
    await startSession()
    expect(phase()).toBe('signed-out')
  })

  test('signs in by the cookie', async () => {
    rememberSession()
    server.use(on('post', '/auth/refresh', makeSession({ access_token: 'fresh' })))
    await startSession()
    expect(phase()).toBe('signed-in')
    expect(getToken()).toBe('fresh')
    expect(useAuth.getState().user?.name).toBe('Ada Lovelace')
  })

  test('is signed out when the cookie is refused, and does not ask again', async () => {
    rememberSession()
    let asked = 0
    server.use(
      on('post', '/auth/refresh', () => {
        asked += 1
        return refusal(401, 'refresh-invalid', 'The session has ended.')
      }),
    )
    await startSession()
    await startSession()
    expect(phase()).toBe('signed-out')
    expect(asked).toBe(1)
  })

  test('does not take a server that is away for a session that is over', async () => {
    rememberSession()
    server.use(
      on('post', '/auth/refresh', () => refusal(503, 'storage-unavailable', 'MongoDB does not answer.')),
    )
    await startSession()
    expect(useAuth.getState()).toMatchObject({
      phase: 'unreachable',
      problem: { code: 'storage-unavailable' },
    })
    server.use(on('post', '/auth/refresh', makeSession()))
    await startSession()
    expect(phase()).toBe('signed-in')
  })
})

describe('renewal', () => {
  test('is one for all who ask at once', async () => {
    await startSession()
    accept(makeSession({ access_token: 'old' }), new Response())
    let asked = 0
    server.use(
      on('post', '/auth/refresh', () => {
        asked += 1
        return HttpResponse.json(makeSession({ access_token: 'new' }))
      }),
      on('get', '/profile', (request) =>
        request.headers.get('Authorization') === 'Bearer new'
          ? HttpResponse.json({ id: 'user-1' })
          : refusal(401, 'token-expired', 'The token has expired.'),
      ),
    )
    const answers = await Promise.all(Array.from({ length: 8 }, () => api.GET('/v1/api/profile')))
    expect(answers.map(({ data }) => data?.id)).toEqual(Array.from({ length: 8 }, () => 'user-1'))
    expect(asked).toBe(1)
  })

  test('gives who comes late with the old token the new one, without asking', async () => {
    accept(makeSession({ access_token: 'new' }), new Response())
    expect(await refreshToken('old')).toBe('new')
  })

  test('that is refused ends the session as expired', async () => {
    await startSession()
    accept(makeSession(), new Response())
    const left = vi.fn()
    onSignedOut(left)
    server.use(on('post', '/auth/refresh', () => refusal(401, 'refresh-invalid', 'The session has ended.')))
    await expect(refreshToken()).rejects.toMatchObject({ status: 401 })
    expect(useAuth.getState()).toMatchObject({ phase: 'signed-out', ended: 'expired', user: null })
    expect(getToken()).toBeNull()
    expect(left).toHaveBeenCalledOnce()
  })

  test('that finds no server keeps the session', async () => {
    await startSession()
    accept(makeSession(), new Response())
    server.use(on('post', '/auth/refresh', () => HttpResponse.error()))
    await expect(refreshToken()).rejects.toMatchObject({ code: 'network' })
    expect(phase()).toBe('signed-in')
  })

  test('comes a minute before the token ends, by the times of the server', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] })
    try {
      let asked = 0
      server.use(
        on('post', '/auth/refresh', () => {
          asked += 1
          return HttpResponse.json(makeSession({ access_token: 'new' }))
        }),
      )
      // the server's clock is a day ahead; the token lives ten minutes
      const ahead = Date.now() + 86_400_000
      const expires_at = new Date(ahead + 600_000).toISOString()
      await startSession()
      accept(
        makeSession({ access_token: 'old', expires_at }),
        new Response(null, { headers: { Date: new Date(ahead).toUTCString() } }),
      )
      await vi.advanceTimersByTimeAsync(538_000)
      expect(asked).toBe(0)
      await vi.advanceTimersByTimeAsync(4_000)
      vi.useRealTimers()
      await waitFor(() => expect(getToken()).toBe('new'))
      expect(asked).toBe(1)
    } finally {
      vi.useRealTimers()
    }
  })
})

describe('sign-out', () => {
  test('tells server and other tabs', async () => {
    await startSession()
    accept(makeSession(), new Response())
    const other = openOtherTab()
    let authorized: string | null = null
    server.use(
      on('post', '/auth/logout', (request) => {
        authorized = request.headers.get('Authorization')
        return new HttpResponse(null, { status: 204 })
      }),
    )
    await signOut()
    expect(authorized).toBe('Bearer token-1')
    expect(useAuth.getState()).toMatchObject({ phase: 'signed-out', ended: 'left' })
    await waitFor(() => expect(other.heard).toContainEqual({ kind: 'signed-out' }))
    other.close()
  })

  test('without an answer leaves the session as it is', async () => {
    await startSession()
    accept(makeSession(), new Response())
    server.use(on('post', '/auth/logout', () => HttpResponse.error()))
    await expect(signOut()).rejects.toMatchObject({ code: 'network' })
    expect(phase()).toBe('signed-in')
  })

  test('asks for no other token when its end cuts what is open', async () => {
    await startSession()
    accept(makeSession(), new Response())
    let asked = 0
    server.use(
      on('post', '/auth/refresh', () => {
        asked += 1
        return refusal(401, 'refresh-invalid', 'The session has ended.')
      }),
      // the stream ends before the answer comes
      on('post', '/auth/logout', async () => {
        await expect(refreshToken()).rejects.toMatchObject({ status: 401, code: 'signed-out' })
        return new HttpResponse(null, { status: 204 })
      }),
    )
    const token = getToken()
    await signOut()
    await expect(refreshToken(token)).rejects.toMatchObject({ code: 'signed-out' })
    expect(useAuth.getState()).toMatchObject({ phase: 'signed-out', ended: 'left' })
    expect(asked).toBe(0)
  })

  test('of another tab reaches this one', async () => {
    await startSession()
    accept(makeSession(), new Response())
    const other = openOtherTab()
    other.say({ kind: 'signed-out' })
    await waitFor(() => expect(phase()).toBe('signed-out'))
    other.close()
  })
})

describe('other tabs', () => {
  test('get the token that this one was given', async () => {
    await startSession()
    const other = openOtherTab()
    accept(makeSession(), new Response())
    await waitFor(() => expect(other.heard).toMatchObject([{ kind: 'granted', grant: { token: 'token-1' } }]))
    other.close()
  })

  test('give this one their token', async () => {
    await startSession()
    const other = openOtherTab()
    const user = { id: 'user-1', name: 'Ada', email: 'ada@example.com', role: 'admin' }
    other.say({ kind: 'granted', grant: { token: 'theirs', until: Date.now() + 600_000, user } })
    await waitFor(() => expect(getToken()).toBe('theirs'))
    other.close()
  })

  test('with another person empty what is cached here', async () => {
    await startSession()
    accept(makeSession(), new Response())
    const left = vi.fn()
    onSignedOut(left)
    const other = openOtherTab()
    const user = { id: 'user-2', name: 'Bob', email: 'bob@example.com', role: 'member' }
    other.say({ kind: 'granted', grant: { token: 'theirs', until: Date.now() + 600_000, user } })
    await waitFor(() => expect(useAuth.getState().user?.id).toBe('user-2'))
    expect(left).toHaveBeenCalledOnce()
    other.close()
  })
})
