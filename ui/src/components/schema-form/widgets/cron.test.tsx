import { screen } from '@testing-library/react'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { expectAccessible } from '@/testing/render'
import { renderForm, servedType } from '../held-form.fixture'

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse('2026-03-27T12:00:00Z'), toFake: ['Date'] })
})
afterEach(() => {
  vi.useRealTimers()
})

function renderSchedule(value: Record<string, unknown>) {
  const { schema, ui } = servedType('cronjob')
  return renderForm({ schema, hints: ui, value: { name: 'nightly', image: 'backup:1', ...value } })
}

const schedule = () => screen.getByRole('textbox', { name: /^Schedule/ })

describe('a schedule', () => {
  it('tells the next five times on the clocks of its zone', async () => {
    renderSchedule({ schedule: '30 2 * * *', time_zone: 'Europe/Prague' })
    expect(schedule()).toHaveAccessibleDescription(/Next, on the clocks of Europe\/Prague:/)
    expect([...document.querySelectorAll('time')].map((each) => each.textContent)).toEqual([
      'Sat, Mar 28, 2026, 02:30',
      'Mon, Mar 30, 2026, 02:30',
      'Tue, Mar 31, 2026, 02:30',
      'Wed, Apr 1, 2026, 02:30',
      'Thu, Apr 2, 2026, 02:30',
    ])
    await expectAccessible()
  })

  it.each([
    ['@every 1h30m', 'Every 1 h 30 min, counted from the last time.'],
    ['@every 30s', 'Every 30 s, counted from the last time.'],
    ['0 0 31 2 *', 'Never due: no month has such a day.'],
    ['61 * * * *', 'No schedule yet: The minute 61 does not exist; it goes from 0 to 59.'],
  ])('of %s says: %s', (text, words) => {
    renderSchedule({ schedule: text })
    expect(schedule()).toHaveAccessibleDescription(expect.stringContaining(words))
  })

  it('in a zone that the browser does not know has no times', () => {
    renderSchedule({ schedule: '0 3 * * *', time_zone: 'Nowhere/City' })
    expect(schedule()).toHaveAccessibleDescription(/The zone “Nowhere\/City” is not known here/)
  })

  it('is what is typed', async () => {
    const { user, value, changes } = renderSchedule({ schedule: '0 3 * * *' })
    await user.clear(schedule())
    expect(value()).not.toHaveProperty('schedule')
    await user.type(schedule(), '@hourly')
    expect(value().schedule).toBe('@hourly')
    expect(changes.every(({ typing, path }) => typing && path === '/schedule')).toBe(true)
    expect(document.querySelectorAll('time')).toHaveLength(5)
  })
})
