import { expect, test } from 'vitest'
import { loginPath, safeReturnTo } from './return-to'

test.each([
  ['/workflows/abc?node=web#top', '/workflows/abc?node=web#top'],
  ['//evil.example/x', '/'],
  ['/\\evil.example', '/'],
  ['/\t/evil.example', '/'],
  ['https://evil.example', '/'],
  ['javascript:alert(1)', '/'],
  ['workflows', '/'],
  ['/login?return_to=%2Flogin', '/'],
  ['', '/'],
  [null, '/'],
])('%j leads to %j', (wanted, path) => {
  expect(safeReturnTo(wanted)).toBe(path)
})

test('the sign-in page leads back', () => {
  const path = loginPath({ pathname: '/workflows', search: '?q=a', hash: '' })
  expect(safeReturnTo(new URLSearchParams(path.split('?')[1]).get('return_to'))).toBe('/workflows?q=a')
  expect(loginPath({ pathname: '/', search: '', hash: '' })).toBe('/login')
})
