import { expect, test } from 'vitest'
import { formatDuration, formatRelative } from './time'

const NOW = Date.parse('2026-01-02T12:00:00Z')

test.each([
  [0, 'just now'],
  [9, 'just now'],
  [12, '12 sec. ago'],
  [59, '59 sec. ago'],
  [61, '1 min. ago'],
  [3 * 3600 + 59 * 60, '3 hr. ago'],
  [86_400, 'yesterday'],
  [9 * 86_400, 'last wk.'],
  [200 * 86_400, '6 mo. ago'],
  [-7200, 'in 2 hr.'],
])('%d seconds ago is %s', (seconds, words) => {
  expect(formatRelative(NOW - seconds * 1000, NOW)).toBe(words)
})

test.each([
  [-5, '0 s'],
  [34, '34 s'],
  [60, '1 min'],
  [125, '2 min 5 s'],
  [3 * 3600 + 120, '3 h 2 min'],
  [2 * 86_400 + 3600, '2 d 1 h'],
])('%d seconds last %s', (seconds, words) => {
  expect(formatDuration(seconds * 1000)).toBe(words)
})
