import { describe, expect, it } from 'vitest'
import { sharedFixture } from '@/testing/shared-fixture'
import { ABSENT, evaluate, holds, isPresent, lookup, same } from './conditions'

type Fixture = {
  conditions: { name: string; condition: unknown; scope: unknown; expected: boolean }[]
  expressions: {
    name: string
    expression: unknown
    scope: Record<string, unknown>
    expected: { value: unknown } | null
  }[]
}
const fixture = sharedFixture<Fixture>('conditions.json')

describe('conditions, as the server decides them', () => {
  it.each(fixture.conditions)('$name', ({ condition, scope, expected }) => {
    expect(holds(condition, scope)).toBe(expected)
  })

  it.each([{}, null, 'text', { path: 3 }, { path: '/a' }])('refuses what is none: %j', (condition) => {
    expect(() => holds(condition, {})).toThrow('not a condition')
  })
})

describe('expressions, as the server evaluates them', () => {
  it.each(fixture.expressions)('$name', ({ expression, scope, expected }) => {
    expect(evaluate(expression, scope)).toEqual(expected === null ? ABSENT : expected.value)
  })

  it('takes the whole of a root without a path', () => {
    expect(evaluate({ from: 'source' }, { source: { a: 1 } })).toEqual({ a: 1 })
  })

  it.each([{}, null, { from: 3 }])('refuses what is none: %j', (expression) => {
    expect(() => evaluate(expression, {})).toThrow('not an expression')
  })
})

describe('values', () => {
  it('knows nothing that objects inherit', () => {
    expect(lookup({}, '/constructor')).toBe(ABSENT)
    expect(evaluate({ template: '{constructor}' }, {})).toBe(ABSENT)
    expect(evaluate({ from: 'toString', path: '/name' }, {})).toBe(ABSENT)
  })

  it('compares objects by all their members', () => {
    expect(same({ a: 1 }, { a: 1, b: 2 })).toBe(false)
    expect(same({ a: 1 }, { b: 1 })).toBe(false)
    expect(same([1], [1, 2])).toBe(false)
    expect(same([1], { 0: 1 })).toBe(false)
  })

  it('finds nothing in undefined', () => {
    expect(isPresent(undefined)).toBe(false)
    expect(isPresent(ABSENT)).toBe(false)
  })
})
