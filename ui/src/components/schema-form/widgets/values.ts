import { ABSENT } from '@/lib/schema/conditions'
import type { Field } from '../model'

/** What is put in of a value, as text. */
export function inputText(value: unknown): string {
  if (value === ABSENT || value === null || value === undefined) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** The default, where nothing is set: never a value, only a hint. */
export function placeholderOf({ fallback, hint, schema }: Field): string {
  const applies = schema.default ?? (fallback === ABSENT ? '' : fallback)
  return applies === '' ? hint.placeholder : inputText(applies)
}

/** The number that a text writes; undefined when it writes none. */
export function parsedNumber(text: string): number | undefined {
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text.trim())) return undefined
  const number = Number(text)
  return Number.isFinite(number) ? number : undefined
}

/** The items of a list; of anything else none. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : NO_ITEMS
}

const NO_ITEMS: readonly unknown[] = []
