import { afterEach, describe, expect, it, vi } from 'vitest'

import { StreamClient } from './client'
import type { StreamEnvironment, TopicHandler, Update } from './types'

type Call = { address: string; init: RequestInit; answer: (response: Response) => void; fail: () => void }

/** A world in which nothing happens unless a test makes it happen. */
class World {
  calls: Call[] = []
  hidden = false
  online = true
  token: string | null = 'token-1'
  refreshed: (string | null | Error)[] = []
  refreshes = 0
  frames = new Set<() => void>()
  randomValue = 0.5
  readonly listeners = new Set<() => void>()
  readonly client: StreamClient

  constructor() {
    vi.useFakeTimers({ now: 1_000_000, toFake: ['setTimeout', 'clearTimeout', 'Date'] })
    const env: StreamEnvironment = {
      fetch: (address, init) =>
        new Promise((resolve, reject) => {
          const fail = () => reject(new TypeError('failed'))
          init.signal?.addEventListener('abort', fail)
          this.calls.push({ address, init, answer: resolve, fail })
        }),
      now: () => Date.now(),
      random: () => this.randomValue,
      setTimer: (work, milliseconds) => setTimeout(work, milliseconds),
      clearTimer: (timer) => clearTimeout(timer),
      nextFrame: (work) => {
        this.frames.add(work)
        return () => this.frames.delete(work)
      },
      isHidden: () => this.hidden,
      isOnline: () => this.online,
      onChange: (work) => {
        this.listeners.add(work)
        return () => this.listeners.delete(work)
      },
    }
    this.client = new StreamClient(env, {
      token: () => this.token,
      refresh: () => {
        this.refreshes += 1
        const next = this.refreshed.shift() ?? null
        if (next instanceof Error) return Promise.reject(next)
        this.token = next
        return Promise.resolve(next)
      },
    })
  }

  get state() {
    return this.client.snapshot.state
  }

  get gets(): Call[] {
    return this.calls.filter((call) => call.init.method === 'GET')
  }

  get patches(): Call[] {
    return this.calls.filter((call) => call.init.method === 'PATCH')
  }

  get last(): Call {
    const call = this.gets.at(-1)
    if (call === undefined) throw new Error('no stream was asked for')
    return call
  }

  header(name: string, call = this.last): string | null {
    return new Headers(call.init.headers).get(name)
  }

  change(what: { hidden?: boolean; online?: boolean }) {
    Object.assign(this, what)
    for (const listener of this.listeners) listener()
  }

  async pass(milliseconds: number) {
    await vi.advanceTimersByTimeAsync(milliseconds)
  }

  async frame() {
    await settle()
    for (const work of [...this.frames]) {
      this.frames.delete(work)
      work()
    }
    await settle()
  }

  /** Answer the newest request with a stream that the test writes. */
  async open(topics: string[], { connection = 'c1', refused = [] as object[] } = {}): Promise<Wire> {
    const wire = new Wire()
    this.last.answer(new Response(wire.body, { headers: { 'Content-Type': 'text/event-stream' } }))
    wire.write('retry: 3000\n\n')
    wire.send('connected', '', '', { connection_id: connection, topics, refused }, 'start')
    await settle()
    return wire
  }
}

class Wire {
  private controller: ReadableStreamDefaultController<Uint8Array> | null = null
  readonly body = new ReadableStream<Uint8Array>({
    start: (controller) => {
      this.controller = controller
    },
  })

  write(text: string) {
    this.controller?.enqueue(new TextEncoder().encode(text))
  }

  send(event: string, topic: string, id: string, data: unknown, streamId = id) {
    const body = JSON.stringify({ topic, id, at: '2026-01-31T12:00:00.000Z', data })
    this.write(`${streamId === '' ? '' : `id: ${streamId}\n`}event: ${event}\ndata: ${body}\n\n`)
  }

  end() {
    this.controller?.close()
  }

  cut() {
    this.controller?.error(new TypeError('cut'))
  }
}

async function settle(turns = 20) {
  for (let turn = 0; turn < turns; turn += 1) await Promise.resolve()
}

type Heard = TopicHandler & { updates: Update[]; refused: string[]; gaps: number }

function listener(): Heard {
  const heard: Heard = {
    updates: [],
    refused: [],
    gaps: 0,
    onUpdate: (update) => heard.updates.push(update),
    onRefused: ({ code }) => heard.refused.push(code),
    onGap: () => {
      heard.gaps += 1
    },
  }
  return heard
}

const events = (heard: Heard) => heard.updates.map((update) => `${update.event} ${update.id}`)

afterEach(() => {
  vi.useRealTimers()
})

describe('opening', () => {
  it('asks for the topic with the token and hands out updates once per frame, in order', async () => {
    const world = new World()
    const heard = listener()
    world.client.subscribe('workflow:1', heard)
    expect(world.state).toBe('connecting')
    expect(world.last.address).toBe('/v1/api/stream?topics=workflow%3A1')
    expect(world.header('Authorization')).toBe('Bearer token-1')
    expect(world.header('Last-Event-ID')).toBeNull()
    const wire = await world.open(['workflow:1'])
    expect(world.state).toBe('live')
    wire.send('metadata', 'workflow:1', '1-0', { a: 1 })
    wire.send('node_update', 'workflow:1', '2-0', {})
    await settle()
    expect(heard.updates).toEqual([])
    expect(world.frames.size).toBe(1)
    await world.frame()
    expect(events(heard)).toEqual(['metadata 1-0', 'node_update 2-0'])
    expect(world.client.snapshot.topics).toEqual([{ topic: 'workflow:1', state: 'live' }])
  })

  it('sends no token when there is none', () => {
    const world = new World()
    world.token = null
    world.client.subscribe('workflow:1', listener())
    expect(world.header('Authorization')).toBeNull()
  })

  it('takes up a topic that was wanted while the stream was being opened', async () => {
    const world = new World()
    world.client.subscribe('workflow:1', listener())
    world.client.subscribe('run:1', listener())
    await world.open(['workflow:1'])
    await world.pass(100)
    expect(world.gets).toHaveLength(1)
    expect(world.patches[0]?.init.body).toBe(JSON.stringify({ add: ['run:1'], remove: [] }))
  })

  it('leaves a topic that was released while the stream was being opened', async () => {
    const world = new World()
    world.client.subscribe('workflow:1', listener())
    world.client.subscribe('run:1', listener())()
    world.last.fail()
    await settle()
    await world.pass(1_000)
    await world.pass(5_000)
    await world.open(['workflow:1', 'run:1'])
    await world.pass(100)
    expect(world.patches[0]?.init.body).toBe(JSON.stringify({ add: [], remove: ['run:1'] }))
  })

  it('counts what it does not understand', async () => {
    const world = new World()
    world.client.subscribe('workflow:1', listener())
    const wire = await world.open(['workflow:1'])
    wire.write('data: not json\n\ndata: 3\n\n')
    wire.send('weather', '', '', {})
    await settle()
    expect(world.client.snapshot.ignored).toBe(3)
    wire.send('log', 'run:9', '1-0', {})
    await world.frame()
    expect(world.state).toBe('live')
  })
})

describe('order and doubles', () => {
  it('drops an update that comes twice, but never a metadata', async () => {
    const world = new World()
    const heard = listener()
    world.client.subscribe('run:1', heard)
    const wire = await world.open(['run:1'])
    for (const id of ['1-0', '2-0', '2-0', '1-0']) wire.send('log', 'run:1', id, {})
    wire.send('metadata', 'run:1', '2-0', {})
    wire.send('error', 'run:2', '', {})
    await world.frame()
    expect(events(heard)).toEqual(['log 1-0', 'log 2-0', 'metadata 2-0'])
  })

  it('remembers a bounded number of ids', async () => {
    const world = new World()
    const heard = listener()
    world.client.subscribe('run:1', heard)
    const wire = await world.open(['run:1'])
    for (let id = 0; id < 1_100; id += 1) wire.send('log', 'run:1', `${id}-0`, {})
    wire.send('log', 'run:1', '1099-0', {})
    await settle(5_000)
    await world.frame()
    expect(heard.updates).toHaveLength(1_100)
  })

  it('resumes with the last id and keeps what was queued', async () => {
    const world = new World()
    const heard = listener()
    world.client.subscribe('run:1', heard)
    const wire = await world.open(['run:1'])
    wire.send('log', 'run:1', '1-0', {}, 'opaque-1')
    await settle()
    wire.cut()
    await settle()
    expect(world.state).toBe('reconnecting')
    await world.pass(1_500)
    expect(world.header('Last-Event-ID')).toBe('opaque-1')
    const again = await world.open(['run:1'])
    again.send('log', 'run:1', '1-0', {}, 'opaque-1')
    again.send('log', 'run:1', '2-0', {}, 'opaque-2')
    await world.frame()
    expect(events(heard)).toEqual(['log 1-0', 'log 2-0'])
  })

  it('throws away too many updates and begins anew', async () => {
    const world = new World()
    const heard = listener()
    world.client.subscribe('run:1', heard)
    world.client.subscribe('run:2', listener())
    const wire = await world.open(['run:1', 'run:2'])
    wire.send('metadata', 'run:1', '0-1', {})
    wire.send('metadata', 'run:2', '0-1', {})
    await world.frame()
    heard.updates = []
    for (let id = 0; id < 5_001; id += 1) wire.send('log', 'run:1', `${id}-0`, {})
    await settle(20_000)
    expect(heard.gaps).toBe(1)
    expect(world.client.snapshot.topics.map((topic) => topic.state)).toEqual(['behind', 'behind'])
    expect(world.header('Last-Event-ID')).toBeNull()
    const again = await world.open(['run:1', 'run:2'])
    again.send('metadata', 'run:1', '5001-0', {})
    await world.frame()
    expect(events(heard)).toEqual(['metadata 5001-0'])
    expect(world.client.snapshot.topics[0]?.state).toBe('live')
  })
})

describe('a connection that breaks', () => {
  it('waits longer each time, at most 30 s, and says when it tries next', async () => {
    const world = new World()
    world.randomValue = 1
    world.client.subscribe('run:1', listener())
    const waits: number[] = []
    for (let attempt = 0; attempt < 7; attempt += 1) {
      world.last.fail()
      await settle()
      const { nextTryAt, attempts, state } = world.client.snapshot
      expect([state, attempts]).toEqual(['reconnecting', attempt + 1])
      waits.push((nextTryAt ?? 0) - Date.now())
      await world.pass(30_000)
    }
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000])
  })

  it('starts from the beginning after 10 s live, with the pause the server asked for', async () => {
    const world = new World()
    world.randomValue = 1
    world.client.subscribe('run:1', listener())
    world.last.fail()
    await settle()
    await world.pass(1_000)
    const short = await world.open(['run:1'])
    await world.pass(9_000)
    short.end()
    await settle()
    expect((world.client.snapshot.nextTryAt ?? 0) - Date.now()).toBe(6_000)
    await world.pass(6_000)
    const long = await world.open(['run:1'])
    await world.pass(10_000)
    expect(world.client.snapshot.attempts).toBe(0)
    long.end()
    await settle()
    expect((world.client.snapshot.nextTryAt ?? 0) - Date.now()).toBe(3_000)
    expect(world.client.snapshot.reason).toBe('The server ended the stream.')
  })

  it('obeys Retry-After and tells the sentence of the error', async () => {
    const world = new World()
    world.client.subscribe('run:1', listener())
    const body = JSON.stringify({ error: 'You have 20 streams open.', code: 'too-many-streams' })
    world.last.answer(new Response(body, { status: 429, headers: { 'Retry-After': '5' } }))
    await settle()
    expect(world.client.snapshot).toMatchObject({
      reason: 'You have 20 streams open.',
      state: 'reconnecting',
    })
    await world.pass(4_999)
    expect(world.gets).toHaveLength(1)
    await world.pass(1)
    expect(world.gets).toHaveLength(2)
    world.last.answer(new Response('<html>', { status: 502 }))
    await settle()
    expect(world.client.snapshot.reason).toBe('The server answered 502.')
    await world.pass(30_000)
    world.last.answer(new Response('[]', { status: 500 }))
    await settle()
    expect(world.client.snapshot.reason).toBe('The server answered 500.')
    await world.pass(30_000)
    world.last.answer(
      new Response('{}', { status: 503, headers: { 'Retry-After': 'Thu, 01 Jan 1970 00:00:00 GMT' } }),
    )
    await settle()
    expect(world.client.snapshot.nextTryAt).toBe(Date.now())
    await world.pass(0)
    world.last.answer(new Response('{}', { status: 503, headers: { 'Retry-After': 'soon' } }))
    await settle()
    expect(world.state).toBe('reconnecting')
  })

  it('tries at once when asked to, and only when nothing is under way', async () => {
    const world = new World()
    world.client.now()
    expect(world.calls).toHaveLength(0)
    world.client.subscribe('run:1', listener())
    world.client.now()
    expect(world.gets).toHaveLength(1)
    world.last.fail()
    await settle()
    world.client.now()
    expect(world.gets).toHaveLength(2)
  })

  it('goes on trying without a network, says offline, and does not wait once it is back', async () => {
    const world = new World()
    world.client.subscribe('run:1', listener())
    world.change({ online: false })
    world.last.fail()
    await settle()
    expect(world.state).toBe('offline')
    await world.pass(1_000)
    expect(world.gets).toHaveLength(2)
    world.last.fail()
    await settle()
    world.change({ online: true })
    expect(world.gets).toHaveLength(3)
  })

  it('gives up a line on which nothing was heard for 40 s, also while opening', async () => {
    const world = new World()
    world.client.subscribe('run:1', listener())
    await world.pass(40_000)
    expect(world.state).toBe('reconnecting')
    await world.pass(1_000)
    const wire = await world.open(['run:1'])
    await world.pass(39_000)
    wire.write(': heartbeat\n\n')
    await settle()
    await world.pass(39_000)
    expect(world.state).toBe('live')
    await world.pass(1_000)
    expect(world.state).toBe('reconnecting')
    expect(world.client.snapshot.reason).toContain('40 s')
    expect(world.client.snapshot.lastLiveAt).toBe(Date.now())
    wire.send('log', 'run:1', '9-0', {})
    await settle()
    expect(world.frames.size).toBe(0)
  })
})

describe('who may hear', () => {
  it('renews an expired token and opens again at once, from where it was', async () => {
    const world = new World()
    world.refreshed = ['token-2']
    world.client.subscribe('run:1', listener())
    const wire = await world.open(['run:1'])
    wire.send('log', 'run:1', '1-0', {}, 'at-1')
    wire.send('error', '', '', { code: 'token-expired', error: 'Expired.' })
    await settle()
    expect(world.gets).toHaveLength(2)
    expect(world.header('Authorization')).toBe('Bearer token-2')
    expect(world.header('Last-Event-ID')).toBe('at-1')
  })

  it('renews once after a 401 and waits when the second answer is 401 too', async () => {
    const world = new World()
    world.refreshed = ['token-2']
    world.client.subscribe('run:1', listener())
    world.last.answer(new Response('{}', { status: 401 }))
    await settle()
    expect(world.header('Authorization')).toBe('Bearer token-2')
    world.last.answer(new Response('{}', { status: 401 }))
    await settle()
    expect(world.state).toBe('reconnecting')
    expect(world.refreshes).toBe(1)
  })

  it('is signed out when the refresh is refused, and comes back with the next person', async () => {
    const world = new World()
    world.client.subscribe('run:1', listener())
    world.last.answer(new Response('{}', { status: 401 }))
    await settle()
    expect(world.state).toBe('signed-out')
    world.client.now()
    world.change({})
    world.client.subscribe('run:2', listener())
    expect(world.gets).toHaveLength(1)
    world.token = 'token-3'
    world.client.signedIn()
    expect(world.gets).toHaveLength(2)
    expect(world.header('Last-Event-ID')).toBeNull()
  })

  it('tries later when the refresh cannot be reached', async () => {
    const world = new World()
    world.refreshed = [new TypeError('failed'), 'token-2']
    world.client.subscribe('run:1', listener())
    world.last.answer(new Response('{}', { status: 401 }))
    await settle()
    expect(world.state).toBe('reconnecting')
  })

  it('forgets an answer to the refresh that comes after signing out', async () => {
    const world = new World()
    world.refreshed = ['token-2']
    world.client.subscribe('run:1', listener())
    world.last.answer(new Response('{}', { status: 401 }))
    world.client.signedOut()
    await settle()
    expect(world.state).toBe('signed-out')
    expect(world.gets).toHaveLength(1)
  })

  it('drops a refused topic and tells its owner', async () => {
    const world = new World()
    const refused = listener()
    world.client.subscribe('workflow:1', listener())
    world.client.subscribe('workflow:2', refused)
    world.last.fail()
    await settle()
    await world.pass(1_000)
    const wire = await world.open(['workflow:1'], { refused: [{ topic: 'workflow:2', code: 'not-found' }] })
    expect(refused.refused).toEqual(['not-found'])
    wire.send('error', 'workflow:1', '', { code: 'not-found', error: 'Gone.' })
    await settle()
    expect(world.state).toBe('idle')
  })

  it('closes when every topic was refused', async () => {
    const world = new World()
    const refused = listener()
    world.client.subscribe('workflow:2', refused)
    await world.open([], { refused: [{ topic: 'workflow:2', code: 'not-found' }, { topic: 'other' }] })
    expect(refused.refused).toEqual(['not-found'])
    expect(world.state).toBe('idle')
    expect(world.last.init.signal?.aborted).toBe(true)
  })

  it('reconnects after another error of the whole stream', async () => {
    const world = new World()
    world.client.subscribe('run:1', listener())
    const wire = await world.open(['run:1'])
    wire.send('error', '', '', { code: 'not-found', error: 'There is no such run.' })
    await settle()
    expect(world.client.snapshot).toMatchObject({ state: 'reconnecting', reason: 'There is no such run.' })
    await world.pass(3_000)
    const again = await world.open(['run:1'])
    again.send('error', '', '', 'odd')
    await settle()
    expect(world.client.snapshot.reason).toBe('The server ended the stream.')
  })
})

describe('topics', () => {
  it('changes the open stream in one request for all changes of 100 ms', async () => {
    const world = new World()
    world.client.subscribe('workflow:1', listener())
    await world.open(['workflow:1'])
    world.client.subscribe('run:1', listener())
    world.client.subscribe('run:2', listener())
    await world.pass(99)
    expect(world.patches).toHaveLength(0)
    await world.pass(1)
    expect(world.patches).toHaveLength(1)
    expect(world.patches[0]?.address).toBe('/v1/api/stream/c1')
    expect(world.patches[0]?.init.body).toBe(JSON.stringify({ add: ['run:1', 'run:2'], remove: [] }))
    world.patches[0]?.answer(new Response(null, { status: 202 }))
    await settle()
    expect(world.gets).toHaveLength(1)
  })

  it('opens the whole stream again when the change fails', async () => {
    const world = new World()
    world.client.subscribe('workflow:1', listener())
    await world.open(['workflow:1'])
    world.client.subscribe('run:1', listener())
    await world.pass(100)
    world.patches[0]?.answer(new Response('{}', { status: 404 }))
    await settle()
    expect(world.last.address).toBe('/v1/api/stream?topics=workflow%3A1%2Crun%3A1')
    await world.open(['workflow:1', 'run:1'])
    world.client.subscribe('run:2', listener())
    await world.pass(100)
    world.patches[1]?.fail()
    await settle()
    expect(world.gets).toHaveLength(3)
  })

  it('releases a topic 5 s after the last listener left', async () => {
    const world = new World()
    world.client.subscribe('workflow:1', listener())
    const leaveA = world.client.subscribe('run:1', listener())
    const leaveB = world.client.subscribe('run:1', listener())
    await world.open(['workflow:1', 'run:1'])
    leaveA()
    leaveA()
    await world.pass(6_000)
    leaveB()
    await world.pass(4_999)
    expect(world.client.snapshot.topics).toHaveLength(2)
    await world.pass(1)
    expect(world.client.snapshot.topics).toHaveLength(1)
    await world.pass(100)
    expect(world.patches.at(-1)?.init.body).toBe(JSON.stringify({ add: [], remove: ['run:1'] }))
  })

  it('keeps a topic that is wanted again in time, and asks for what is true now', async () => {
    const world = new World()
    const leave = world.client.subscribe('run:1', listener())
    const wire = await world.open(['run:1'])
    wire.send('metadata', 'run:1', '1-0', {})
    await world.frame()
    leave()
    const heard = listener()
    world.client.subscribe('run:1', heard)
    await world.pass(5_000)
    expect(world.patches[0]?.init.body).toBe(JSON.stringify({ add: ['run:1'], remove: ['run:1'] }))
    wire.send('metadata', 'run:1', '1-0', {})
    await world.frame()
    expect(events(heard)).toEqual(['metadata 1-0'])
  })

  it('does not ask for a topic that was wanted and left within 100 ms', async () => {
    const world = new World()
    world.client.subscribe('workflow:1', listener())
    const wire = await world.open(['workflow:1'])
    world.client.subscribe('run:1', listener())
    wire.send('error', 'run:1', '', { code: 'not-found', error: 'Gone.' })
    await settle()
    await world.pass(100)
    expect(world.client.snapshot.topics).toHaveLength(1)
  })

  it('closes the connection with the last topic and forgets the position', async () => {
    const world = new World()
    const leave = world.client.subscribe('run:1', listener())
    const wire = await world.open(['run:1'])
    wire.send('log', 'run:1', '1-0', {})
    await settle()
    leave()
    await world.pass(5_000)
    expect(world.state).toBe('idle')
    expect(world.last.init.signal?.aborted).toBe(true)
    world.client.subscribe('run:1', listener())
    expect(world.header('Last-Event-ID')).toBeNull()
  })

  it('lets go of a topic that has ended', async () => {
    const world = new World()
    const heard = listener()
    world.client.subscribe('workflow:1', listener())
    world.client.subscribe('run:1', heard)
    world.last.fail()
    await settle()
    await world.pass(500)
    const wire = await world.open(['workflow:1', 'run:1'])
    wire.send('complete', 'run:1', '1-0', {})
    await world.frame()
    expect(events(heard)).toEqual(['complete 1-0'])
    await world.pass(100)
    expect(world.patches[0]?.init.body).toBe(JSON.stringify({ add: [], remove: ['run:1'] }))
  })

  it('lets go of an ended topic whose release was waiting', async () => {
    const world = new World()
    world.client.subscribe('workflow:1', listener())
    const leave = world.client.subscribe('run:1', listener())
    world.last.fail()
    await settle()
    await world.pass(500)
    const wire = await world.open(['workflow:1', 'run:1'])
    leave()
    wire.send('failed', 'run:1', '1-0', {})
    wire.send('log', 'run:1', '2-0', {})
    await world.frame()
    await world.pass(6_000)
    expect(world.client.snapshot.topics).toEqual([{ topic: 'workflow:1', state: 'pending' }])
  })

  it('is behind from a gap until the metadata that follows', async () => {
    const world = new World()
    const heard = listener()
    world.client.subscribe('run:1', heard)
    const wire = await world.open(['run:1'])
    wire.send('gap', 'run:1', '5-0', {})
    await world.frame()
    expect(heard.gaps).toBe(1)
    expect(world.client.snapshot.topics[0]?.state).toBe('behind')
    wire.send('metadata', 'run:1', '5-0', {})
    await world.frame()
    expect(world.client.snapshot.topics[0]?.state).toBe('live')
  })

  it('bears handlers without optional parts', async () => {
    const world = new World()
    const onUpdate = vi.fn()
    world.client.subscribe('run:1', { onUpdate })
    const wire = await world.open(['run:1'])
    wire.send('gap', 'run:1', '5-0', {})
    await world.frame()
    wire.send('error', 'run:1', '', 'odd')
    await world.frame()
    expect(onUpdate).not.toHaveBeenCalled()
    expect(world.state).toBe('idle')
  })
})

describe('a tab that is hidden', () => {
  it('does not connect before it is shown', () => {
    const world = new World()
    world.hidden = true
    world.client.subscribe('run:1', listener())
    expect(world.state).toBe('paused')
    expect(world.calls).toHaveLength(0)
    world.change({ hidden: false })
    expect(world.gets).toHaveLength(1)
  })

  it('pauses after 15 s and resumes with its id when shown', async () => {
    const world = new World()
    world.client.subscribe('run:1', listener())
    const wire = await world.open(['run:1'])
    wire.send('log', 'run:1', '1-0', {}, 'at-1')
    await settle()
    world.change({ hidden: true })
    world.change({ hidden: true })
    await world.pass(15_000)
    expect(world.state).toBe('paused')
    expect(world.last.init.signal?.aborted).toBe(true)
    world.change({ hidden: true })
    await world.pass(20_000)
    expect(world.gets).toHaveLength(1)
    world.change({ hidden: false })
    expect(world.header('Last-Event-ID')).toBe('at-1')
  })

  it('does not pause when shown in time, signed out, or without topics', async () => {
    const world = new World()
    world.change({ hidden: true })
    world.change({ hidden: false })
    world.client.subscribe('run:1', listener())
    await world.open(['run:1'])
    world.change({ hidden: true })
    await world.pass(14_000)
    world.change({ hidden: false })
    await world.pass(10_000)
    expect(world.state).toBe('live')
    world.change({ hidden: true })
    world.client.signedOut()
    await world.pass(15_000)
    expect(world.state).toBe('signed-out')
  })
})

describe('the end', () => {
  it('tells its state to whoever watches, until they stop', async () => {
    const world = new World()
    const states: string[] = []
    const stop = world.client.watch(({ state }) => states.push(state))
    world.client.subscribe('run:1', listener())
    stop()
    await world.open(['run:1'])
    expect(new Set(states)).toEqual(new Set(['idle', 'connecting']))
  })

  it('ends for good', async () => {
    const world = new World()
    const leave = world.client.subscribe('run:1', listener())
    const other = world.client.subscribe('run:2', listener())
    const wire = await world.open(['run:1'])
    wire.send('log', 'run:1', '1-0', {})
    await settle()
    other()
    world.client.close()
    expect(world.frames.size).toBe(0)
    expect(world.listeners.size).toBe(0)
    expect(world.last.init.signal?.aborted).toBe(true)
    leave()
    world.client.subscribe('run:3', listener())
    world.client.now()
    await world.pass(60_000)
    expect(world.gets).toHaveLength(1)
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('where the person is', () => {
  const there = { workflow_id: '1', node_id: 'web', editing: false }

  it('is told when it changes, as it is then', async () => {
    const world = new World()
    world.client.subscribe('workflow:1', listener())
    await world.open(['workflow:1'])
    expect(world.client.where.id).toBe('c1')
    world.client.where.goTo({ ...there, node_id: null })
    world.client.where.goTo(there)
    await world.pass(100)
    expect(world.patches).toHaveLength(1)
    expect(world.patches[0]?.init.body).toBe(JSON.stringify({ add: [], remove: [], at: there }))
    world.client.where.goTo(null)
    await world.pass(100)
    expect(world.patches[1]?.init.body).toBe(JSON.stringify({ add: [], remove: [], at: null }))
  })

  it('may be refused, and the stream goes on', async () => {
    const world = new World()
    world.client.subscribe('workflow:1', listener())
    await world.open(['workflow:1'])
    world.client.where.goTo(there)
    world.client.subscribe('run:1', listener())
    await world.pass(100)
    const [place, topics] = world.patches
    expect(topics?.init.body).toBe(JSON.stringify({ add: ['run:1'], remove: [] }))
    place?.answer(new Response('{}', { status: 404 }))
    topics?.answer(new Response(null, { status: 202 }))
    await settle()
    expect(world.gets).toHaveLength(1)
    expect(world.state).toBe('live')
  })

  it('is told again to the stream that follows a cut one', async () => {
    const world = new World()
    world.client.where.goTo(there)
    world.client.subscribe('workflow:1', listener())
    const wire = await world.open(['workflow:1'])
    await world.pass(100)
    world.patches[0]?.answer(new Response(null, { status: 202 }))
    wire.cut()
    await settle()
    await world.pass(60_000)
    await world.open(['workflow:1'], { connection: 'c2' })
    await world.pass(100)
    expect(world.patches.map(({ address, init }) => [address, init.body])).toEqual(
      ['c1', 'c2'].map((id) => [`/v1/api/stream/${id}`, JSON.stringify({ add: [], remove: [], at: there })]),
    )
  })
})
