import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { contrast, mix, readTokens, type Theme } from './read-tokens'

const PLANES = ['canvas', 'surface', 'raised', 'sunken']
const TONES = ['ok', 'busy', 'idle', 'warn', 'bad', 'missing']

/** As the design gives them; the stylesheet must not drift from it. */
const GIVEN: Record<Theme, Record<string, string>> = {
  light: {
    canvas: '#f4f5f7',
    surface: '#ffffff',
    raised: '#ffffff',
    sunken: '#eceef2',
    line: '#d5d9e0',
    'line-strong': '#80889a',
    text: '#171a21',
    'text-muted': '#525b6b',
    accent: '#5b45d6',
    'on-accent': '#ffffff',
    focus: '#3b24c9',
    'status-ok': '#16753c',
    'status-ok-bg': '#e3f5e9',
    'status-busy': '#1b62c4',
    'status-busy-bg': '#e5effd',
    'status-idle': '#566072',
    'status-idle-bg': '#eceef2',
    'status-warn': '#8f5600',
    'status-warn-bg': '#fdf0d8',
    'status-bad': '#bd1f2d',
    'status-bad-bg': '#fde8e9',
    'status-missing': '#9a2a86',
    'status-missing-bg': '#fae7f6',
  },
  dark: {
    canvas: '#0e1116',
    surface: '#161b22',
    raised: '#1d232d',
    sunken: '#0a0d12',
    line: '#2d3542',
    'line-strong': '#6b7688',
    text: '#e8ebf0',
    'text-muted': '#a3adbd',
    accent: '#a394ff',
    'on-accent': '#120b33',
    focus: '#c3b8ff',
    'status-ok': '#5cc98a',
    'status-ok-bg': '#12301f',
    'status-busy': '#74aefc',
    'status-busy-bg': '#122a4a',
    'status-idle': '#a3adbd',
    'status-idle-bg': '#242b36',
    'status-warn': '#e9b04c',
    'status-warn-bg': '#382a0d',
    'status-bad': '#ff8087',
    'status-bad-bg': '#3f171b',
    'status-missing': '#e695d6',
    'status-missing-bg': '#381a33',
  },
}

describe.each(['light', 'dark'] as const)('%s', (theme) => {
  const tokens = readTokens(theme)
  const colour = (name: string): string => {
    const found = tokens[name]
    if (!found) throw new Error(`tokens.css has no --${name} for ${theme}`)
    return found
  }

  test('the colours are those of the design', () => {
    expect(tokens).toEqual(GIVEN[theme])
  })

  const texts = ['text', 'text-muted', 'accent', ...TONES.map((tone) => `status-${tone}`)]
  test.each(texts.flatMap((text) => PLANES.map((plane) => [text, plane] as const)))(
    '%s reads on %s',
    (text, plane) => {
      expect(contrast(colour(text), colour(plane))).toBeGreaterThanOrEqual(4.5)
    },
  )

  test.each(TONES)('status %s reads on its own background', (tone) => {
    expect(contrast(colour(`status-${tone}`), colour(`status-${tone}-bg`))).toBeGreaterThanOrEqual(4.5)
  })

  test('the main button reads', () => {
    expect(contrast(colour('on-accent'), colour('accent'))).toBeGreaterThanOrEqual(4.5)
  })

  test('the chosen place in the sidebar reads on its tint', () => {
    const tint = mix(colour('accent'), colour('surface'), 0.12)
    expect(contrast(colour('accent'), tint)).toBeGreaterThanOrEqual(4.5)
  })

  test.each(PLANES)('edges of controls and focus are seen on %s', (plane) => {
    expect(contrast(colour('line-strong'), colour(plane))).toBeGreaterThanOrEqual(3)
    expect(contrast(colour('focus'), colour(plane))).toBeGreaterThanOrEqual(3)
  })
})

test('no other stylesheet names a colour', () => {
  const sheets = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter(
    (path) => path.endsWith('.css') && !path.endsWith('tokens.css'),
  )
  expect(sheets.length).toBeGreaterThan(1)
  for (const path of sheets) {
    expect(readFileSync(`src/${path}`, 'utf8'), path).not.toMatch(
      /#[0-9a-f]{3,8}\b|\b(rgb|hsl|oklch|lab)a?\(/i,
    )
  }
})
