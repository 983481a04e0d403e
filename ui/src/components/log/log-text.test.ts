import { expect, it } from 'vitest'
import { clockOf, filtered, logText } from './log-text'

const LINES = [
  { at: '2026-01-31T12:00:00.000Z', level: 'info', nodeId: null, text: 'Version 3: 2 objects.' },
  { at: '2026-01-31T12:00:01.000Z', level: 'warning', nodeId: 'n1', text: 'Slow.' },
]

it('keeps the lines of one node', () => {
  expect(filtered(LINES, null)).toBe(LINES)
  expect(filtered(LINES, 'n1')).toEqual(LINES.slice(1))
})

it('writes one line per entry, with names', () => {
  expect(logText(LINES, (id) => `web-${id}`)).toBe(
    '2026-01-31T12:00:00.000Z info    - Version 3: 2 objects.\n2026-01-31T12:00:01.000Z warning web-n1 Slow.\n',
  )
})

it('shows a time that it cannot read as it is', () => {
  expect(clockOf('soon')).toBe('soon')
  expect(clockOf('2026-01-31T12:00:01.000Z')).toMatch(/^\d\d:\d\d:\d\d$/)
})
