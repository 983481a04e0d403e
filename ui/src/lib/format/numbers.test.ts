import { expect, test } from 'vitest'
import { count, formatCount, formatLatency } from './numbers'
import { lifecycleWord } from './words'

test('numbers are grouped, nouns counted', () => {
  expect(formatCount(2341)).toBe('2,341')
  expect(count(1, 'node')).toBe('1 node')
  expect(count(0, 'node')).toBe('0 nodes')
  expect(count(2, 'entry', 'entries')).toBe('2 entries')
})

test.each([
  [0.42, '0.4 ms'],
  [3.44, '3.4 ms'],
  [41.6, '42 ms'],
  [1234, '1.2 s'],
])('%d ms reads %s', (milliseconds, words) => {
  expect(formatLatency(milliseconds)).toBe(words)
})

test.each([
  ['draft', 0, 'Draft'],
  ['published', 12, 'Live v12'],
  ['archived', 3, 'Archived'],
  ['toString', 3, 'toString'],
])('a workflow that is %s at version %d reads %s', (status, version, words) => {
  expect(lifecycleWord(status, version)).toBe(words)
})
