import { readFileSync } from 'node:fs'
import { render } from '@testing-library/react'
import { describe, expect, test, vi } from 'vitest'
import { contrast, readTokens } from '@/styles/read-tokens'
import { lookOf, sortCounts, STATES, type KnownState } from './states'
import { StatusCounts } from './status-counts'
import { StatusMark } from './status-mark'

const KNOWN = Object.keys(STATES) as KnownState[]

/** The words of an enumeration or a Literal in the server's code, which are what it sends. */
function sent(path: string, name: string): string[] {
  const source = readFileSync(`../shared/${path}`, 'utf8')
  const literal = new RegExp(`^${name} = Literal\\[(.*)\\]$`, 'm').exec(source)
  if (literal) return Array.from(literal[1]?.matchAll(/"([a-z_]+)"/g) ?? [], ([, word = '']) => word)
  const body = new RegExp(`class ${name}\\(StrEnum\\):([\\s\\S]*?)\\n\\n\\n`).exec(source)?.[1] ?? ''
  return Array.from(body.matchAll(/^ {4}[A-Z_]+ = "([a-z_]+)"/gm), ([, word = '']) => word)
}

describe('every state', () => {
  test.each([
    ['kubernetes/status/model.py', 'State', 9],
    ['runs/models.py', 'RunStatus', 6],
    ['runs/models.py', 'Phase', 4],
    ['runs/models.py', 'NodePhase', 8],
    ['clusters/models.py', 'ClusterStatus', 6],
  ])('that %s sends as %s is known', (path, name, least) => {
    const words = sent(path, name)
    expect(words.length).toBeGreaterThanOrEqual(least)
    expect(words.filter((word) => !Object.hasOwn(STATES, word))).toEqual([])
  })

  test.each(KNOWN)('%s has a shape, a word, and both colours in both themes', (state) => {
    const { word, tone } = STATES[state]
    const { container } = render(<StatusMark state={state} />)
    expect(container.querySelector('svg')).toBeVisible()
    expect(container).toHaveTextContent(word)
    const mark = container.querySelector('[data-state]')
    expect(mark).toHaveClass(`text-status-${tone}`, `bg-status-${tone}-bg`)
    for (const theme of ['light', 'dark'] as const) {
      const tokens = readTokens(theme)
      const [front, back] = [tokens[`status-${tone}`], tokens[`status-${tone}-bg`]]
      expect(front && back && contrast(front, back)).toBeGreaterThanOrEqual(4.5)
    }
  })

  test('differs from those of another colour in its shape', () => {
    const tones = new Map<string, Set<string>>()
    for (const { shape, tone } of Object.values(STATES)) {
      const name = shape.displayName ?? ''
      expect(name).not.toBe('')
      tones.set(name, (tones.get(name) ?? new Set()).add(tone))
    }
    expect([...tones].filter(([, found]) => found.size > 1)).toEqual([])
  })
})

test('a state that is not known keeps its word', () => {
  const { container } = render(<StatusMark state="levitating" />)
  expect(container).toHaveTextContent('levitating')
  expect(lookOf('constructor')).toMatchObject({ word: 'constructor', tone: 'idle' })
  expect(lookOf('')).toMatchObject({ word: 'Unknown' })
})

test('a stale state is grey and hatched, with clock, word and age', () => {
  vi.useFakeTimers({ now: new Date(2026, 0, 2, 12, 7, 31), toFake: ['Date'] })
  try {
    const { container } = render(
      <StatusMark state="healthy" staleSince={new Date(2026, 0, 2, 12, 4, 31).toISOString()} />,
    )
    expect(container).toHaveTextContent('Healthy, as of 12:04:31 (3 min)')
    const mark = container.querySelector('[data-stale]')
    expect(mark).toHaveClass('hatch', 'text-status-idle')
    expect(mark).not.toHaveClass('text-status-ok')
    expect(container.querySelector('svg')).toHaveClass('lucide-clock-alert')
  } finally {
    vi.useRealTimers()
  }
})

test('as a shape alone it still has its word for screen readers', () => {
  const { getByText } = render(<StatusMark state="missing" variant="shape" />)
  expect(getByText('Missing')).toHaveClass('sr-only')
})

test('a sum names the worst first and leaves out what is not there', () => {
  expect(sortCounts({ healthy: 3, odd: 1, error: 2, missing: 0, degraded: 1 })).toEqual([
    ['error', 2],
    ['degraded', 1],
    ['healthy', 3],
    ['odd', 1],
  ])
  const { getAllByRole, container, rerender } = render(<StatusCounts counts={{ healthy: 3, error: 1 }} />)
  expect(getAllByRole('listitem').map((item) => item.textContent)).toEqual(['1 error', '3 healthy'])
  rerender(<StatusCounts counts={{}} />)
  expect(container).toHaveTextContent('Not deployed')
})
