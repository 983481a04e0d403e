/** Variables as `.env` files write them, and what taking them does to a list. Pure. */
import { ABSENT, isObject } from '@/lib/schema/conditions'
import type { JsonObject } from '@/lib/schema/json'

export type Variable = { name: string; value: string }
export type EnvFile = { variables: Variable[]; problems: { line: number; message: string }[] }

const LINE = /^\s*(?:export\s+)?([^\s=#]+)\s*=[^\S\n]*/
const ESCAPES: Record<string, string> = { n: '\n', r: '\r', t: '\t' }

/** The variables of a `.env` file; of one that stands there twice the last, as shells have it. */
export function readEnvFile(text: string): EnvFile {
  const found = new Map<string, string>()
  const problems: EnvFile['problems'] = []
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/)
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index] ?? ''
    if (/^\s*(#|$)/.test(line)) continue
    const [start, name] = LINE.exec(line) ?? []
    if (start === undefined || name === undefined) {
      problems.push({ line: index + 1, message: 'No NAME=value.' })
      continue
    }
    const read = readValue(line.slice(start.length), lines.slice(index + 1))
    if (read === null) problems.push({ line: index + 1, message: `The quote of ${name} is never closed.` })
    else {
      found.set(name, read.value)
      index += read.more
    }
  }
  return { variables: [...found].map(([name, value]) => ({ name, value })), problems }
}

/** A value and how many of the lines behind it belong to it; null when its quote stays open. */
function readValue(first: string, behind: readonly string[]): { value: string; more: number } | null {
  const quote = first.charAt(0)
  if (quote !== '"' && quote !== "'") return { value: first.replace(/(^|\s)#.*$/, '').trim(), more: 0 }
  const close = quote === '"' ? /^"((?:[^"\\]|\\[\s\S])*)"/ : /^'([^']*)'/
  const [, inside] = close.exec([first, ...behind].join('\n')) ?? []
  if (inside === undefined) return null
  const more = inside.split('\n').length - 1
  return { value: quote === '"' ? unescaped(inside) : inside, more }
}

function unescaped(text: string): string {
  return text.replace(/\\([\s\S])/g, (_, letter: string) => ESCAPES[letter] ?? letter)
}

const SENSITIVE =
  /(^|[_.-])(pass(word|wd|phrase)?|pwd|secret|token|credentials?|private[_-]?key|(api|access|auth|encryption|signing)[_-]?key|dsn)s?([_.-]|$)/i
const SIGNED_IN_ADDRESS = /^[a-z][a-z0-9+.-]*:\/\/[^\s/@:]*:[^\s/@]+@/i

/** Whether a variable looks as if its value were nobody else's business. */
export function isSensitive({ name, value }: Variable): boolean {
  return SENSITIVE.test(name.replace(/([a-z])([A-Z])/g, '$1_$2')) || SIGNED_IN_ADDRESS.test(value)
}

export type Taking = Variable & { does: 'add' | 'change' | 'same' | 'keep'; sensitive: boolean }
/** How variables of each kind are written: both tell what they are by the same member. */
export type Kinds = { discriminator: string; plain: string; secret: string | null }

/** What taking variables into a list would do, one by one; what comes from elsewhere is kept as it is. */
export function takingOf(items: readonly unknown[], variables: readonly Variable[], kinds: Kinds): Taking[] {
  return variables.map((variable) => {
    const there = items.find((each) => isObject(each) && each.name === variable.name)
    return { ...variable, does: doesTo(there, variable, kinds), sensitive: isSensitive(variable) }
  })
}

function doesTo(there: unknown, { value }: Variable, { discriminator, plain }: Kinds): Taking['does'] {
  if (!isObject(there)) return 'add'
  if (there[discriminator] !== plain) return 'keep'
  return there.value === value ? 'same' : 'change'
}

/** A list with variables taken in: changed where they stand, added behind; some of them as keys of a Secret. */
export function taken(
  items: readonly unknown[],
  taking: readonly Taking[],
  { asSecret, kinds }: { asSecret: ReadonlySet<string>; kinds: Kinds },
): unknown[] {
  const made = new Map(
    taking
      .filter(({ does }) => does === 'add' || does === 'change')
      .map((each) => [each.name, written(each, asSecret.has(each.name), kinds)]),
  )
  const changed = items.map((item) => {
    const name = isObject(item) ? item.name : undefined
    const next = typeof name === 'string' ? (made.get(name) ?? ABSENT) : ABSENT
    if (next === ABSENT || typeof name !== 'string') return item
    made.delete(name)
    return next
  })
  return [...changed, ...made.values()]
}

function written({ name, value }: Variable, isSecret: boolean, kinds: Kinds): JsonObject {
  const { discriminator, plain, secret } = kinds
  // a secret's value is never written into the list
  if (isSecret && secret !== null) return { [discriminator]: secret, name, key: name }
  return { [discriminator]: plain, name, value }
}
