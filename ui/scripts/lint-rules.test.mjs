import { Linter } from 'eslint'
import { describe, expect, test } from 'vitest'
import { COLOURS, KINDS } from './lint-rules.mjs'

const linter = new Linter()
const count = (code) =>
  linter.verify(code, [{ rules: { 'no-restricted-syntax': ['error', ...KINDS, ...COLOURS] } }]).length

describe('no comparison with the name of a kind', () => {
  test.each([
    "if (node.type === 'deployment') draw()",
    "if ('Service' === spec.kind) draw()",
    "const hidden = node.data.kind !== 'ConfigMap'",
    "switch (node.type) { case 'ingress': draw() }",
  ])('%s is refused', (code) => expect(count(code)).toBe(1))

  test.each([
    "if (message.kind === 'granted') take()",
    "draw('Deployment')",
    'if (one.type === other.type) join()',
  ])('%s passes', (code) => expect(count(code)).toBe(0))
})

describe('no literal colour', () => {
  test.each(["const ink = '#1b62c4'", "const ink = 'rgb(0 0 0 / 50%)'", 'const ink = `1px solid #fff`'])(
    '%s is refused',
    (code) => expect(count(code)).toBe(1),
  )
  test.each(["const at = '#main'", "const ink = 'var(--accent)'"])('%s passes', (code) =>
    expect(count(code)).toBe(0),
  )
})
