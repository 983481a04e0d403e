import { act, render, screen } from '@testing-library/react'
import { userEvent } from '@testing-library/user-event'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { useAnnouncements } from '@/lib/a11y/announce'
import { expectAccessible } from '@/testing/render'
import { ConnectionChip } from './connection-chip'
import { lookOfConnection } from './connection-words'
import { LOST_MS, speakLosses } from '@/lib/stream/speak-losses'
import { resetStream, streamClient, useConnection } from '@/lib/stream/stream'
import { NOT_CONNECTED, type ConnectionSnapshot } from '@/lib/stream/types'

function connection(change: Partial<ConnectionSnapshot>): ConnectionSnapshot {
  return { ...NOT_CONNECTED, since: Date.now(), ...change }
}

afterEach(() => {
  act(() => resetStream())
  vi.useRealTimers()
})

describe('the words of a connection', () => {
  it.each([
    ['Live', connection({ state: 'live' })],
    ['Behind: reloading', connection({ state: 'live', topics: [{ topic: 'run:1', state: 'behind' }] })],
    ['Reconnecting', connection({ state: 'reconnecting' })],
    ['Reconnecting, next try in 4 s', connection({ state: 'reconnecting', nextTryAt: 4_900 })],
    ['Offline', connection({ state: 'offline' })],
    ['Paused', connection({ state: 'paused' })],
    ['Signed out', connection({ state: 'signed-out' })],
    ['Connecting', connection({ state: 'connecting' })],
    ['Connecting', connection({ state: 'idle' })],
  ])('%s', (word, state) => {
    expect(lookOfConnection(state, 1_000).word).toBe(word)
  })

  it('never counts below zero', () => {
    expect(lookOfConnection(connection({ state: 'reconnecting', nextTryAt: 0 }), 9_000).word).toContain('0 s')
  })
})

describe('the chip', () => {
  it('shows nothing while nobody listens', () => {
    const { container } = render(<ConnectionChip />)
    expect(container).toBeEmptyDOMElement()
  })

  it('says more on request, and tries at once', async () => {
    const now = vi.spyOn(streamClient(), 'now')
    useConnection.setState(
      connection({
        state: 'reconnecting',
        attempts: 2,
        nextTryAt: Date.now() + 20_000,
        reason: 'The connection was cut.',
        topics: [
          { topic: 'workflow:1', state: 'live' },
          { topic: 'run:1', state: 'pending' },
        ],
      }),
    )
    render(<ConnectionChip />)
    const user = userEvent.setup()
    await user.click(screen.getByRole('button', { name: 'Now' }))
    expect(now).toHaveBeenCalledOnce()
    await user.click(screen.getByRole('button', { name: /^Connection: Reconnecting, next try in/ }))
    expect(screen.getByText('2 failed attempts')).toBeVisible()
    expect(screen.getByText('The connection was cut.')).toBeVisible()
    expect(screen.getAllByRole('listitem').map((item) => item.textContent)).toEqual([
      'workflow up to date',
      'run pending',
    ])
  })

  it('can be heard and seen by everybody', async () => {
    useConnection.setState(connection({ state: 'live' }))
    render(
      <main>
        <h1>Page</h1>
        <ConnectionChip />
      </main>,
    )
    await userEvent.click(screen.getByRole('button', { name: 'Connection: Live' }))
    expect(screen.getByText('nothing')).toBeVisible()
    await userEvent.keyboard('{Escape}')
    await expectAccessible()
  })
})

describe('a loss', () => {
  it('is said once it has lasted, and its end as well', () => {
    vi.useFakeTimers()
    const spoken = () => useAnnouncements.getState()
    const before = spoken().assertive.count
    const speak = speakLosses()
    speak(connection({ state: 'reconnecting' }))
    speak(connection({ state: 'live' }))
    vi.advanceTimersByTime(LOST_MS)
    expect(spoken().assertive.count).toBe(before)
    speak(connection({ state: 'reconnecting' }))
    speak(connection({ state: 'offline' }))
    vi.advanceTimersByTime(LOST_MS)
    expect(spoken().assertive.count).toBe(before + 1)
    speak(connection({ state: 'live' }))
    vi.advanceTimersByTime(5_000)
    expect(spoken().polite.text).toContain('The live connection is back')
  })
})
