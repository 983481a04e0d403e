import { readFileSync } from 'node:fs'

export type Theme = 'light' | 'dark'

/** The colours in tokens.css by name, for tests. */
export function readTokens(theme: Theme): Record<string, string> {
  const css = readFileSync('src/styles/tokens.css', 'utf8')
  const start = css.indexOf(`[data-theme='${theme}']`)
  const block = css.slice(start, css.indexOf('}', start))
  const found = block.matchAll(/--([a-z-]+):\s*(#[0-9a-f]{6});/g)
  return Object.fromEntries(Array.from(found, ([, name = '', colour = '']) => [name, colour]))
}

/** The contrast of two colours by WCAG, from 1 to 21. */
export function contrast(one: string, other: string): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b)
  return (light + 0.05) / (dark + 0.05)
}

/** One colour laid thinly over another. */
export function mix(over: string, under: string, share: number): string {
  const [top, ground] = [channels(over), channels(under)]
  const mixed = top.map((value, index) => Math.round(value * share + (ground[index] ?? 0) * (1 - share)))
  return `#${mixed.map((value) => value.toString(16).padStart(2, '0')).join('')}`
}

function channels(colour: string): number[] {
  return [1, 3, 5].map((start) => parseInt(colour.slice(start, start + 2), 16))
}

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = channels(colour).map((value) => {
    const share = value / 255
    return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}
