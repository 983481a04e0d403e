/** What values mean, in words beside their fields. Pure. */
const POWERS: Record<string, number> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
}

/** The number that a Kubernetes quantity writes: "500m" is 0.5. */
export function quantityOf(text: string): number | undefined {
  const [, digits, unit = ''] = /^([+-]?(?:\d+\.?\d*|\.\d+))([A-Za-z]{0,2}|[eE][+-]?\d+)$/.exec(text) ?? []
  if (digits === undefined) return undefined
  if (unit === '') return Number(digits)
  const power = POWERS[unit]
  if (power !== undefined) return Number(digits) * power
  return /^[eE][+-]?\d+$/.test(unit) ? Number(digits + unit) : undefined
}

const upToThree = new Intl.NumberFormat('en', { maximumFractionDigits: 3 })
const BYTES = ['bytes', 'KB', 'MB', 'GB', 'TB', 'PB', 'EB']

/** "250m" of cores is "0.25 cores"; "256Mi" of bytes is "268.435 MB". */
export function aboutQuantity(text: string, unit: string): string {
  const amount = quantityOf(text)
  if (amount === undefined || unit === '' || /^\d+$/.test(text)) return ''
  if (unit !== 'bytes') return `${upToThree.format(amount)} ${unit}`
  const size = Math.min(BYTES.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, amount)) / 3)))
  return `${upToThree.format(amount / 1000 ** size)} ${BYTES[size] ?? ''}`
}

const SPANS = [
  { unit: 'd', seconds: 86_400 },
  { unit: 'h', seconds: 3_600 },
  { unit: 'min', seconds: 60 },
  { unit: 's', seconds: 1 },
]

/** 5400 is "1 h 30 min"; nothing below two minutes, which says it already. */
export function aboutSeconds(seconds: number): string {
  if (seconds < 120 || !Number.isFinite(seconds)) return ''
  let rest = Math.round(seconds)
  const parts = SPANS.flatMap(({ unit, seconds: span }) => {
    const whole = Math.floor(rest / span)
    rest -= whole * span
    return whole > 0 ? [`${whole} ${unit}`] : []
  })
  return parts.slice(0, 2).join(' ')
}

const LETTERS: Record<string, number> = { d: 86_400, h: 3_600, m: 60, s: 1 }

/** "90m" is "1 h 30 min". */
export function aboutDuration(text: string): string {
  if (!/^(\d+[dhms])+$/.test(text)) return ''
  const parts = [...text.matchAll(/(\d+)([dhms])/g)]
  return aboutSeconds(
    parts.reduce((sum, [, digits, unit = 's']) => sum + Number(digits) * (LETTERS[unit] ?? 1), 0),
  )
}

/** Which of its images a name stands for. */
export function aboutImage(text: string): string {
  if (text === '' || /\s/.test(text)) return ''
  const [name = '', digest] = text.split('@')
  if (digest !== undefined) return 'This very image, by its digest.'
  const tag = /:([^/:]+)$/.exec(name)?.[1]
  if (tag === undefined) return 'Without a tag, “latest” is taken, which changes under you.'
  return tag === 'latest' ? '“latest” changes under you; a version does not.' : ''
}
