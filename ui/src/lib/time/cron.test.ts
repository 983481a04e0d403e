import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nextTimes, readCron } from './cron'

function due(text: string, after: string, zone = 'UTC', count = 5): string[] | null {
  const read = readCron(text)
  if (!('schedule' in read)) throw new Error(JSON.stringify(read))
  const times = nextTimes(read.schedule, { after: Date.parse(after), zone, count })
  return times?.map((each) => new Date(each).toISOString().slice(0, 16)) ?? null
}

describe('a schedule', () => {
  it.each([
    ['0 3 * * *', '2026-02-27T04:00Z', ['2026-02-28T03:00', '2026-03-01T03:00']],
    ['*/20 * * * *', '2026-01-01T00:00Z', ['2026-01-01T00:20', '2026-01-01T00:40']],
    ['5/30 * * * *', '2026-01-01T00:00Z', ['2026-01-01T00:05', '2026-01-01T00:35']],
    ['0 9-17/4 * * Mon-Fri', '2026-01-02T14:00Z', ['2026-01-02T17:00', '2026-01-05T09:00']],
    ['0 0 29 feb *', '2096-03-01T00:00Z', ['2104-02-29T00:00', '2108-02-29T00:00']],
    ['@weekly', '2026-01-01T00:00Z', ['2026-01-04T00:00', '2026-01-11T00:00']],
    ['@yearly', '2026-01-01T00:00Z', ['2027-01-01T00:00', '2028-01-01T00:00']],
  ])('of %s is due after %s', (text, after, expected) => {
    expect(due(text, after, 'UTC', 2)).toEqual(expected)
  })

  it('is due on either of a day and a weekday, and on both when one of them is any', () => {
    expect(due('0 0 13 * 5', '2026-02-01T00:00Z', 'UTC', 3)).toEqual([
      '2026-02-06T00:00',
      '2026-02-13T00:00',
      '2026-02-20T00:00',
    ])
    expect(due('0 0 13 * ?', '2026-02-01T00:00Z', 'UTC', 1)).toEqual(['2026-02-13T00:00'])
    expect(due('0 0 */31 * 5', '2026-02-02T00:00Z', 'UTC', 1)).toEqual(['2026-02-06T00:00'])
  })

  it('is never due on a day that no month has', () => {
    expect(due('0 0 31 2 *', '2026-01-01T00:00Z')).toEqual([])
  })

  it('follows the clocks of its zone: left out where they go forward, twice where they go back', () => {
    expect(due('30 2 * * *', '2026-03-28T12:00Z', 'Europe/Prague', 2)).toEqual([
      '2026-03-30T00:30',
      '2026-03-31T00:30',
    ])
    expect(due('30 2 * * *', '2026-10-24T12:00Z', 'Europe/Prague', 3)).toEqual([
      '2026-10-25T00:30',
      '2026-10-25T01:30',
      '2026-10-26T01:30',
    ])
    expect(due('59 2 * * *', '2026-10-25T00:30Z', 'Europe/Prague', 1)).toEqual(['2026-10-25T00:59'])
  })

  it('has no times in a zone that nobody knows', () => {
    expect(due('0 3 * * *', '2026-01-01T00:00Z', 'Nowhere/City')).toBeNull()
  })

  it('comes after the moment, in order, and without one left out', () => {
    const field = fc.constantFrom('*', '*/7', '3', '1,5,9', '2-11', '4/3')
    const zones = fc.constantFrom('UTC', 'Europe/Prague', 'America/New_York', 'Asia/Kolkata')
    fc.assert(
      fc.property(
        field,
        field,
        zones,
        fc.integer({ min: 0, max: 366 * 24 * 60 }),
        (minute, hour, zone, start) => {
          const after = Date.UTC(2026, 0, 1) + start * 60_000
          const read = readCron(`${minute} ${hour} * * *`)
          if (!('schedule' in read)) throw new Error('not read')
          const times = nextTimes(read.schedule, { after, zone, count: 3 }) ?? []
          expect(times).toEqual(byWalking(read.schedule, after, zone, 3))
        },
      ),
      { numRuns: 60 },
    )
  })
})

/** Minute by minute, as a clock does it. */
function byWalking(
  { minutes, hours }: { minutes: Set<number>; hours: Set<number> },
  after: number,
  zone: string,
  count: number,
): number[] {
  const clock = new Intl.DateTimeFormat('en', {
    timeZone: zone,
    hourCycle: 'h23',
    hour: '2-digit',
    minute: '2-digit',
  })
  const found: number[] = []
  for (let moment = after + 60_000; found.length < count; moment += 60_000) {
    const [hour, minute] = clock.format(moment).split(':').map(Number)
    if (minutes.has(minute ?? -1) && hours.has(hour ?? -1)) found.push(moment)
  }
  return found
}

describe('what is no schedule', () => {
  it.each([
    ['', 'there is 1'],
    ['0 3 * *', 'there are 4'],
    ['60 3 * * *', 'The minute 60 does not exist; it goes from 0 to 59.'],
    ['0 24 * * *', 'The hour 24 does not exist'],
    ['0 0 0 * *', 'The day 0 does not exist'],
    ['0 0 * 13 *', 'The month 13 does not exist'],
    ['0 0 * * 7', 'The weekday 7 does not exist'],
    ['0 0 * * mondays', '“mondays” is no weekday.'],
    ['*/0 * * * *', 'The step of the minute must be at least 1.'],
    ['9-5 * * * *', 'The minute goes from 9 back to 5.'],
    ['1-2-3 * * * *', '“1-2-3” is no minute.'],
    ['*-2 * * * *', '“*-2” is no minute.'],
    [', * * * *', 'The minute is missing.'],
    ['@sometimes', '“@sometimes” is not known'],
    ['@every soon', '“soon” is no duration such as 1h30m.'],
  ])('“%s” says why', (text, words) => {
    const read = readCron(text)
    expect('problem' in read && read.problem).toContain(words)
  })

  it('reads an interval', () => {
    expect(readCron('@every 1h30m')).toEqual({ every: 5400 })
  })
})
