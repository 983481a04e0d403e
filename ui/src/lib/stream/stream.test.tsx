import { act, render, waitFor } from '@testing-library/react'
import { http, HttpResponse } from 'msw'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { useAuth } from '@/lib/auth/session'
import { makeSession } from '@/testing/factories'
import { signIn } from '@/testing/render'
import { on, refusal, server } from '@/testing/server'
import { browserEnvironment } from './environment'
import { resetStream, streamClient, useConnection, useTopic } from './stream'

const asked: (string | null)[] = []

/** A stream that is refused until a token comes that holds. */
function serveStream(holds: (token: string | null) => boolean) {
  asked.length = 0
  server.use(
    http.get('*/v1/api/stream', ({ request }) => {
      const token = request.headers.get('Authorization')
      asked.push(token)
      if (!holds(token)) return refusal(401, 'token-expired', 'Expired.')
      const body = new ReadableStream<Uint8Array>({
        start: (controller) => {
          const data = {
            topic: '',
            id: '',
            at: '',
            data: { connection_id: 'c1', topics: ['run:1'], refused: [] },
          }
          controller.enqueue(new TextEncoder().encode(`event: connected\ndata: ${JSON.stringify(data)}\n\n`))
        },
      })
      return new HttpResponse(body, { headers: { 'Content-Type': 'text/event-stream' } })
    }),
  )
}

function Listener({ topic }: { topic: string | null }) {
  useTopic(topic, { onUpdate: () => undefined })
  return null
}

afterEach(() => {
  act(() => resetStream())
})

describe('the stream of a tab', () => {
  it('goes on with a token that the session renews', async () => {
    serveStream((token) => token === 'Bearer token-2')
    server.use(on('post', '/auth/refresh', { ...makeSession({ access_token: 'token-2' }) }))
    act(() => signIn())
    render(<Listener topic="run:1" />)
    await waitFor(() => expect(useConnection.getState().state).toBe('live'))
    expect(asked).toEqual(['Bearer token-1', 'Bearer token-2'])
    expect(useAuth.getState().phase).toBe('signed-in')
  })

  it('ends with the session, and begins again with the next person', async () => {
    serveStream((token) => token === 'Bearer token-3')
    server.use(on('post', '/auth/refresh', () => refusal(401, 'session-ended', 'Sign in again.')))
    act(() => signIn())
    render(<Listener topic="run:1" />)
    await waitFor(() => expect(useConnection.getState().state).toBe('signed-out'))
    expect(useAuth.getState().phase).toBe('signed-out')
    act(() => signIn(makeSession({ access_token: 'token-3' })))
    await waitFor(() => expect(useConnection.getState().state).toBe('live'))
  })

  it('tries again when the session could not be renewed just now', async () => {
    serveStream(() => false)
    server.use(on('post', '/auth/refresh', () => refusal(503, 'storage-unavailable', 'Later.')))
    act(() => signIn())
    render(<Listener topic="run:1" />)
    await waitFor(() => expect(useConnection.getState().reason).toBe('The session could not be renewed.'))
    expect(useConnection.getState().state).toBe('reconnecting')
  })

  it('hears nothing without a topic', () => {
    act(() => signIn())
    render(<Listener topic={null} />)
    expect(streamClient().snapshot.topics).toEqual([])
    expect(streamClient()).toBe(streamClient())
  })
})

describe('the page of a browser', () => {
  it('call before the next paint, or soon where nothing is painted', async () => {
    const { nextFrame } = browserEnvironment()
    const work = vi.fn()
    nextFrame(work)
    await waitFor(() => expect(work).toHaveBeenCalledOnce())
    const never = vi.fn()
    nextFrame(never)()
    vi.spyOn(document, 'hidden', 'get').mockReturnValue(true)
    nextFrame(never)()
    nextFrame(work)
    await waitFor(() => expect(work).toHaveBeenCalledTimes(2))
    expect(never).not.toHaveBeenCalled()
  })

  it('do not wait for a frame that a hidden tab will not get', () => {
    vi.stubGlobal('requestAnimationFrame', () => 1)
    const work = vi.fn()
    browserEnvironment().nextFrame(work)
    document.dispatchEvent(new Event('visibilitychange'))
    document.dispatchEvent(new Event('visibilitychange'))
    expect(work).toHaveBeenCalledOnce()
  })

  it('say when the tab or the network changes, until asked to stop', () => {
    const { onChange, isOnline, isHidden, random } = browserEnvironment()
    const work = vi.fn()
    const stop = onChange(work)
    window.dispatchEvent(new Event('online'))
    document.dispatchEvent(new Event('visibilitychange'))
    stop()
    window.dispatchEvent(new Event('offline'))
    expect(work).toHaveBeenCalledTimes(2)
    expect([isOnline(), isHidden()]).toEqual([true, false])
    expect(random()).toBeLessThan(1)
  })
})
