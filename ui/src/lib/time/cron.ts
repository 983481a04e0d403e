/** Schedules of five fields, read as Kubernetes reads them, and when they are due. Pure. */

export type Schedule = { minutes: Set<number>; hours: Set<number>; isDue: (day: Day) => boolean }
export type Read = { schedule: Schedule } | { every: number } | { problem: string }

type Day = { month: number; date: number; weekday: number }
type Part = { name: string; least: number; most: number; names?: readonly string[] }
type Values = { set: Set<number>; isAny: boolean }

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']
const MINUTE: Part = { name: 'minute', least: 0, most: 59 }
const HOUR: Part = { name: 'hour', least: 0, most: 23 }
const DATE: Part = { name: 'day', least: 1, most: 31 }
const MONTH: Part = { name: 'month', least: 1, most: 12, names: MONTHS }
const WEEKDAY: Part = { name: 'weekday', least: 0, most: 6, names: WEEKDAYS }

const WORDS: Record<string, string> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
}

class Unreadable extends Error {}

/** What a schedule says, or in words why it says nothing. */
export function readCron(text: string): Read {
  try {
    return read(text.trim())
  } catch (error) {
    if (error instanceof Unreadable) return { problem: error.message }
    throw error
  }
}

function read(text: string): Read {
  if (text.startsWith('@every ')) return { every: secondsOf(text.slice('@every '.length).trim()) }
  if (text.startsWith('@') && !Object.hasOwn(WORDS, text))
    throw new Unreadable(`“${text}” is not known; there are ${Object.keys(WORDS).join(', ')} and @every.`)
  const fields = (WORDS[text] ?? text).split(/\s+/)
  const [minute = '', hour = '', date = '', month = '', weekday = ''] = fields
  if (fields.length !== 5)
    throw new Unreadable(
      `Five fields are needed: minute, hour, day, month, weekday; there ${fields.length === 1 ? 'is 1' : `are ${fields.length}`}.`,
    )
  const [dates, months, weekdays] = [valuesOf(date, DATE), valuesOf(month, MONTH), valuesOf(weekday, WEEKDAY)]
  return {
    schedule: {
      minutes: valuesOf(minute, MINUTE).set,
      hours: valuesOf(hour, HOUR).set,
      isDue: (day) => months.set.has(day.month) && isDayDue(day, dates, weekdays),
    },
  }
}

/** A day and a weekday that are both given: one of them is enough. */
function isDayDue({ date, weekday }: Day, dates: Values, weekdays: Values): boolean {
  const [byDate, byWeekday] = [dates.set.has(date), weekdays.set.has(weekday)]
  return dates.isAny || weekdays.isAny ? byDate && byWeekday : byDate || byWeekday
}

function valuesOf(field: string, part: Part): Values {
  const ranges = field.split(',').map((each) => rangeOf(each, part))
  return {
    set: new Set(ranges.flatMap(({ values }) => values)),
    isAny: ranges.some(({ isAny }) => isAny),
  }
}

function rangeOf(text: string, part: Part): { values: number[]; isAny: boolean } {
  const [range = '', stepText, ...more] = text.split('/')
  const [from = '', to, ...others] = range.split('-')
  if (more.length > 0 || others.length > 0) throw new Unreadable(`“${text}” is no ${part.name}.`)
  const step = stepText === undefined ? 1 : wholeOf(stepText, `step of the ${part.name}`)
  if (step < 1) throw new Unreadable(`The step of the ${part.name} must be at least 1.`)
  const isStar = from === '*' || from === '?'
  if (isStar && to !== undefined) throw new Unreadable(`“${text}” is no ${part.name}.`)
  const first = isStar ? part.least : valueOf(from, part)
  const last = isStar || (to === undefined && stepText !== undefined) ? part.most : valueOf(to ?? from, part)
  if (first > last) throw new Unreadable(`The ${part.name} goes from ${from} back to ${to ?? ''}.`)
  const length = Math.floor((last - first) / step) + 1
  return { values: Array.from({ length }, (_, index) => first + index * step), isAny: isStar && step === 1 }
}

function valueOf(text: string, { name, least, most, names }: Part): number {
  const named = names?.indexOf(text.toLowerCase()) ?? -1
  const value = named >= 0 ? named + least : wholeOf(text, name)
  if (value < least || value > most)
    throw new Unreadable(`The ${name} ${value} does not exist; it goes from ${least} to ${most}.`)
  return value
}

function wholeOf(text: string, name: string): number {
  if (!/^\d+$/.test(text))
    throw new Unreadable(text === '' ? `The ${name} is missing.` : `“${text}” is no ${name}.`)
  return Number(text)
}

const UNITS: Record<string, number> = { h: 3600, m: 60, s: 1 }

function secondsOf(text: string): number {
  if (!/^(\d+[hms])+$/.test(text)) throw new Unreadable(`“${text}” is no duration such as 1h30m.`)
  return [...text.matchAll(/(\d+)([hms])/g)].reduce(
    (sum, [, digits, unit = 's']) => sum + Number(digits) * (UNITS[unit] ?? 1),
    0,
  )
}

const DAY_MS = 86_400_000
const MINUTE_MS = 60_000
/** Five 29ths of February lie within forty years. */
const DAYS_AHEAD = 40 * 366

/** The next times after a moment that a schedule is due on the clocks of a zone; null when the zone is not known. */
export function nextTimes(
  { minutes, hours, isDue }: Schedule,
  { after, zone, count }: { after: number; zone: string; count: number },
): number[] | null {
  const offsetAt = offsetsOf(zone)
  if (offsetAt === null) return null
  const [sortedHours, sortedMinutes] = [hours, minutes].map((set) =>
    [...set].sort((left, right) => left - right),
  )
  const found: number[] = []
  const today = Math.floor((after + offsetAt(after)) / DAY_MS) * DAY_MS
  for (let ahead = 0; ahead <= DAYS_AHEAD && found.length < count; ahead += 1) {
    const midnight = today + ahead * DAY_MS
    const day = new Date(midnight)
    if (!isDue({ month: day.getUTCMonth() + 1, date: day.getUTCDate(), weekday: day.getUTCDay() })) continue
    for (const hour of sortedHours ?? []) {
      if (found.length >= count) break
      const wall = midnight + hour * 60 * MINUTE_MS
      const moments = (sortedMinutes ?? []).flatMap((minute) =>
        momentsOf(wall + minute * MINUTE_MS, offsetAt),
      )
      found.push(...moments.filter((each) => each > after).sort((left, right) => left - right))
    }
  }
  return found.slice(0, count)
}

type Offsets = (moment: number) => number

/** The moments at which clocks show a time: none where they are put forward over it, two where they are put back. */
function momentsOf(wall: number, offsetAt: Offsets): number[] {
  const offsets = new Set([offsetAt(wall - DAY_MS), offsetAt(wall + DAY_MS)])
  return [...offsets].map((offset) => wall - offset).filter((moment) => moment + offsetAt(moment) === wall)
}

function offsetsOf(zone: string): Offsets | null {
  try {
    const format = new Intl.DateTimeFormat('en', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
    return (moment) => {
      const parts = Object.fromEntries(
        format.formatToParts(moment).map(({ type, value }) => [type, Number(value)]),
      )
      const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts
      return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(moment / 1000) * 1000
    }
  } catch (error) {
    if (error instanceof RangeError) return null
    throw error
  }
}
