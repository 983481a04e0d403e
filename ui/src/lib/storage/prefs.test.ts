import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { applyPrefs, isDark, setPrefs, usePrefs } from './prefs'

const shown = () => {
  const { theme, density } = document.documentElement.dataset
  return { theme, density }
}
let stop: () => void = () => undefined

beforeEach(() => setPrefs({ theme: 'system', density: 'comfortable', rail: false }))
afterEach(() => stop())

test('the system decides when nobody has chosen', () => {
  expect([isDark('system', true), isDark('system', false)]).toEqual([true, false])
  expect([isDark('light', true), isDark('dark', false)]).toEqual([false, true])
})

test('a choice is shown at once and kept', () => {
  stop = applyPrefs()
  expect(shown()).toMatchObject({ theme: 'light', density: 'comfortable' })
  setPrefs({ theme: 'dark', density: 'compact' })
  expect(shown()).toMatchObject({ theme: 'dark', density: 'compact' })
  expect(JSON.parse(localStorage.getItem('kubeorch.prefs') ?? '')).toMatchObject({ state: { theme: 'dark' } })
})

test('a choice in another tab is taken over', () => {
  stop = applyPrefs()
  localStorage.setItem(
    'kubeorch.prefs',
    JSON.stringify({ state: { theme: 'dark', density: 'odd' }, version: 0 }),
  )
  window.dispatchEvent(new StorageEvent('storage', { key: 'kubeorch.prefs' }))
  expect(shown()).toMatchObject({ theme: 'dark', density: 'comfortable' })
  expect(usePrefs.getState().rail).toBe(false)
})

describe('before the first paint', () => {
  const boot = () => {
    // the very file that index.html loads
    // eslint-disable-next-line @typescript-eslint/no-implied-eval, @typescript-eslint/no-unsafe-call
    new Function(readFileSync('public/theme.js', 'utf8'))()
    return shown()
  }

  test('what was chosen is set', () => {
    setPrefs({ theme: 'dark', density: 'compact' })
    expect(boot()).toMatchObject({ theme: 'dark', density: 'compact' })
  })

  test.each([['not JSON'], ['null'], ['{}'], ['{"state":{"theme":7}}']])(
    '%s in storage does no harm',
    (text) => {
      localStorage.setItem('kubeorch.prefs', text)
      expect(boot()).toMatchObject({ theme: 'light', density: 'comfortable' })
    },
  )

  test('a dark system is followed', () => {
    vi.spyOn(window, 'matchMedia').mockReturnValue({ matches: true } as MediaQueryList)
    localStorage.removeItem('kubeorch.prefs')
    expect(boot()).toMatchObject({ theme: 'dark' })
  })
})
