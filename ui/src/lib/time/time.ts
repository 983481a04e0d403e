const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto', style: 'short' })
const absolute = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'medium' })
const clock = new Intl.DateTimeFormat('en', { timeStyle: 'medium', hourCycle: 'h23' })

const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 365 * 86_400],
  ['month', 30 * 86_400],
  ['week', 7 * 86_400],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
]

/** "3 min. ago", "yesterday"; "just now" below ten seconds. */
export function formatRelative(at: number, now: number): string {
  const seconds = Math.round((at - now) / 1000)
  if (Math.abs(seconds) < 10) return 'just now'
  for (const [unit, size] of UNITS) {
    if (Math.abs(seconds) >= size) return relative.format(Math.trunc(seconds / size), unit)
  }
  return relative.format(seconds, 'second')
}

/** The whole date and time in the zone of this browser. */
export function formatAbsolute(at: number): string {
  return absolute.format(at)
}

/** The time of day: "12:04:31". */
export function formatClock(at: number): string {
  return clock.format(at)
}

/** How long, in the two largest units: "34 s", "2 min 5 s", "3 h 2 min". */
export function formatDuration(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000))
  if (seconds < 60) return `${seconds} s`
  const [minutes, hours, days] = [
    Math.floor(seconds / 60),
    Math.floor(seconds / 3600),
    Math.floor(seconds / 86_400),
  ]
  if (hours < 1) return join(`${minutes} min`, seconds % 60, 's')
  if (days < 1) return join(`${hours} h`, minutes % 60, 'min')
  return join(`${days} d`, hours % 24, 'h')
}

function join(first: string, rest: number, unit: string): string {
  return rest ? `${first} ${rest} ${unit}` : first
}
