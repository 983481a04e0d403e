import { render, screen, within } from '@testing-library/react'
import { describe, expect, it, test } from 'vitest'
import { expectAccessible } from '@/testing/render'
import { compareLines, linesOf, splitPath, textOf } from './diff'
import { DiffView } from './diff-view'
import { toYaml } from './yaml'

const written = (lines: { sign: string; text: string }[]) => lines.map(({ sign, text }) => sign + text)

describe('lines of a change', () => {
  test.each([
    ['a value', { old: 'nginx:1', new: 'nginx:2' }, ['-nginx:1', '+nginx:2']],
    ['a number that becomes zero', { old: 3, new: 0 }, ['-3', '+0']],
    ['a switch', { old: true, new: false }, ['-true', '+false']],
    ['what comes', { old: null, new: { A: '1' } }, ['+A: "1"']],
    ['what goes', { old: ['x'], new: undefined }, ['-- x']],
    ['an empty text', { old: '', new: 'x' }, ['-""', '+x']],
    ['a secret', { old: '•••', new: '•••' }, ['-•••', '+•••']],
    ['lines of a text', { old: 'a\nb\nc\n', new: 'a\nB\nc\n' }, [' a', '-b', '+B', ' c']],
  ])('%s', (_, change, lines) => {
    expect(written(linesOf({ path: 'x', ...change }))).toEqual(lines)
  })

  it('leaves out what is equal and far away', () => {
    const old = Array.from({ length: 30 }, (_, index) => `line ${index}`)
    const next = old.map((line, index) => (index === 15 ? 'other' : line))
    expect(written(linesOf({ path: 'x', old: old.join('\n'), new: next.join('\n') }))).toEqual([
      ' … 12 equal lines',
      ' line 12',
      ' line 13',
      ' line 14',
      '-line 15',
      '+other',
      ' line 16',
      ' line 17',
      ' line 18',
      ' … 11 equal lines',
    ])
  })

  it('does not look for common lines in very long texts', () => {
    const old = Array.from({ length: 900 }, () => 'x')
    expect(compareLines(old, old).filter(({ sign }) => sign === ' ')).toEqual([])
  })

  it('makes the new text of the old one', () => {
    const texts = [['a', 'b', 'c', 'd'], ['b', 'x', 'd', 'a'], [], ['d', 'd'], ['c', 'b', 'a']]
    for (const old of texts) {
      for (const next of texts) {
        const lines = compareLines(old, next)
        expect(lines.filter(({ sign }) => sign !== '+').map(({ text }) => text)).toEqual(old)
        expect(lines.filter(({ sign }) => sign !== '-').map(({ text }) => text)).toEqual(next)
      }
    }
  })
})

test.each([
  ['spec.replicas', ['spec.', 'replicas']],
  ['replicas', ['', 'replicas']],
  ['spec.containers[web].image', ['spec.containers[web].', 'image']],
  ['items[app.conf]', ['', 'items[app.conf]']],
  ['data.app.conf', ['data.', 'app.conf']],
  ['metadata.labels.a.b/c', ['metadata.labels.', 'a.b/c']],
  ['odd.', ['', 'odd.']],
])('the path %s is parted', (path, parts) => {
  expect(splitPath(path)).toEqual(parts)
})

test.each([
  [null, 'null'],
  [{}, '{}'],
  [[], '[]'],
  ['true', '"true"'],
  ['12', '"12"'],
  ['a: b', '"a: b"'],
  ['plain text', 'plain text'],
  [
    { a: { b: [1, { c: 'x', d: [] }] }, e: 'one\ntwo\n' },
    'a:\n  b:\n    - 1\n    - c: x\n      d: []\ne: |\n  one\n  two',
  ],
  [[[1], { a: 1, b: { c: 2 } }], '- - 1\n- a: 1\n  b:\n    c: 2'],
])('%j is written as YAML', (value, text) => {
  expect(toYaml(value)).toBe(text)
  if (typeof value !== 'string') expect(textOf(value)).toBe(text)
})

test('every field has its path, and words for what is only coloured', async () => {
  render(
    <main>
      <DiffView
        label="Changes of web"
        changes={[
          { path: 'spec.replicas', old: 1, new: 2 },
          { path: 'spec.paused', old: null, new: true },
          { path: 'metadata.labels.old', old: 'x', new: null },
        ]}
      />
    </main>,
  )
  const [first, second, third] = screen.getAllByRole('definition')
  expect(first).toHaveTextContent('before: 1')
  expect(first).toHaveTextContent('after: 2')
  expect(second).not.toHaveTextContent('before')
  expect(third).not.toHaveTextContent('after')
  expect(within(screen.getByLabelText('Changes of web')).getByText('added')).toBeVisible()
  expect(screen.getByText('removed')).toBeVisible()
  await expectAccessible()
})
