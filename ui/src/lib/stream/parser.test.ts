import { describe, expect, it } from 'vitest'

import { EventStreamParser, type ServerEvent } from './parser'

type Seen = { events: ServerEvent[]; retries: number[]; comments: string[] }

function parse(pieces: (string | Uint8Array)[], lastId?: string): Seen {
  const seen: Seen = { events: [], retries: [], comments: [] }
  const parser = new EventStreamParser(
    {
      onEvent: (event) => seen.events.push(event),
      onRetry: (milliseconds) => seen.retries.push(milliseconds),
      onComment: (text) => seen.comments.push(text),
    },
    lastId,
  )
  for (const piece of pieces) {
    if (typeof piece === 'string') parser.feedText(piece)
    else parser.feed(piece)
  }
  return seen
}

describe('EventStreamParser', () => {
  it('reads event, id and data', () => {
    expect(parse(['id: 7\nevent: log\ndata: {"a":1}\n\n']).events).toEqual([
      { id: '7', event: 'log', data: '{"a":1}' },
    ])
  })

  it('calls an event without a name message', () => {
    expect(parse(['data: x\n\n']).events).toEqual([{ id: '', event: 'message', data: 'x' }])
  })

  it('joins lines of data and keeps empty ones', () => {
    expect(parse(['data: a\ndata\ndata:\ndata:  b\n\n']).events[0]?.data).toBe('a\n\n\n b')
  })

  it('does not dispatch an event without data, and forgets its name', () => {
    expect(parse(['event: a\n\ndata: x\n\n']).events).toEqual([{ id: '', event: 'message', data: 'x' }])
  })

  it('keeps the id for later events, also the one it began with', () => {
    const { events } = parse(['data: a\n\nid: 2\ndata: b\n\ndata: c\n\nid\ndata: d\n\n'], '1')
    expect(events.map((event) => event.id)).toEqual(['1', '2', '2', ''])
  })

  it('ignores an id with NUL, a retry that is no number, and unknown fields', () => {
    const seen = parse(['id: a\0b\nretry: 3s\nfuture: x\ndata: a\n\n'])
    expect(seen.events).toEqual([{ id: '', event: 'message', data: 'a' }])
    expect(seen.retries).toEqual([])
  })

  it('reads retry and comments', () => {
    const seen = parse(['retry: 3000\n\n: heartbeat\n\n'])
    expect(seen).toEqual({ events: [], retries: [3000], comments: ['heartbeat'] })
  })

  it('takes CR, LF and CRLF as ends of lines, also cut between them', () => {
    expect(
      parse(['data: a\r', '\n\r', '\ndata: b\r\r', 'data: c\n\n']).events.map((event) => event.data),
    ).toEqual(['a', 'b', 'c'])
  })

  it('does not swallow a line feed after an empty piece', () => {
    expect(parse(['data: a\r', '', '\r', 'data: b\n\n']).events.map((event) => event.data)).toEqual([
      'a',
      'b',
    ])
  })

  it('skips a byte order mark', () => {
    expect(parse([new TextEncoder().encode('\uFEFFdata: a\n\n')]).events[0]?.data).toBe('a')
  })

  it('works without listeners for retry and comments', () => {
    const parser = new EventStreamParser({ onEvent: () => undefined })
    expect(() => parser.feedText('retry: 1\n: c\n\n')).not.toThrow()
  })
})

/** A small generator of pseudo-random numbers, so that a failing case can be repeated by its seed. */
function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296
    return state / 4_294_967_296
  }
}

const ENDS = ['\n', '\r', '\r\n']
const TEXTS = ['', 'x', ' y', '{"name":"wärme 🌍"}', 'a:b', ':', '\u2028']
const FIELDS = ['data', 'event', 'id', 'retry', '', 'other']

describe('EventStreamParser, cut anywhere', () => {
  it('finds the same events in any pieces', () => {
    for (let seed = 1; seed <= 400; seed += 1) {
      const next = random(seed)
      const pick = <T>(from: readonly T[], fallback: T): T =>
        from[Math.floor(next() * from.length)] ?? fallback
      let text = ''
      for (let line = 0; line < 40; line += 1) {
        const end = pick(ENDS, '\n')
        text +=
          next() < 0.3 ? end : `${pick(FIELDS, 'data')}${pick([':', ': ', ''], ':')}${pick(TEXTS, '')}${end}`
      }
      const bytes = new TextEncoder().encode(text)
      const pieces: Uint8Array[] = []
      for (let at = 0; at < bytes.length;) {
        const size = Math.floor(next() * 9)
        pieces.push(bytes.subarray(at, at + size))
        at += size
      }
      expect(parse(pieces), `seed ${seed}`).toEqual(parse([bytes]))
    }
  })
})
