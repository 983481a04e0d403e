import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isSensitive, readEnvFile, taken, takingOf, type Variable } from './env-file'

const kinds = { discriminator: 'source', plain: 'value', secret: 'secret' }

describe('a .env file', () => {
  it.each([
    ['A=1', { A: '1' }],
    ['\uFEFFexport A=1\r\nB = two words ', { A: '1', B: 'two words' }],
    ['# A=1\n\n  \nB=', { B: '' }],
    ['A=1 # one\nB=#none\nC=a#b', { A: '1', B: '', C: 'a#b' }],
    [`A="a # b" # c\nB='\\n$X'`, { A: 'a # b', B: '\\n$X' }],
    ['A="one\\ntwo \\"quoted\\" \\\\"', { A: 'one\ntwo "quoted" \\' }],
    ['A="first\nsecond=2"\nB=3', { A: 'first\nsecond=2', B: '3' }],
    ['A=1\nA=2', { A: '2' }],
    ['URL=a=b', { URL: 'a=b' }],
    ['__proto__=1', JSON.parse('{"__proto__": "1"}') as Record<string, string>],
  ])('%j holds its variables', (text, expected) => {
    const { variables, problems } = readEnvFile(text)
    expect(problems).toEqual([])
    expect(variables).toEqual(Object.entries(expected).map(([name, value]) => ({ name, value })))
  })

  it('says which lines it could not read, and reads the others', () => {
    expect(readEnvFile('words\nA=1\nB="open\nC=2')).toEqual({
      variables: [
        { name: 'A', value: '1' },
        { name: 'C', value: '2' },
      ],
      problems: [
        { line: 1, message: 'No NAME=value.' },
        { line: 3, message: 'The quote of B is never closed.' },
      ],
    })
  })

  it('gives back any value that was written in quotes', () => {
    const quoted = (value: string) => `A="${value.replace(/["\\]/g, '\\$&')}"`
    const lines = fc.string({ unit: fc.constantFrom('a', ' ', '"', "'", '\\', '\n', '#', '=', '$', 'n') })
    fc.assert(
      fc.property(lines, (value) => {
        expect(readEnvFile(`${quoted(value)}\nB=1`).variables).toEqual([
          { name: 'A', value },
          { name: 'B', value: '1' },
        ])
      }),
    )
  })
})

describe('a variable', () => {
  it.each(['DB_PASSWORD', 'password', 'apiKey', 'AWS_SECRET_ACCESS_KEY', 'GITHUB_TOKEN', 'SENTRY_DSN'])(
    '%s looks sensitive',
    (name) => expect(isSensitive({ name, value: 'x' })).toBe(true),
  )

  it('is sensitive when its value is an address with a password', () => {
    expect(isSensitive({ name: 'DATABASE_URL', value: 'postgres://shop:hunter2@db/shop' })).toBe(true)
    expect(isSensitive({ name: 'DATABASE_URL', value: 'postgres://db:5432/shop' })).toBe(false)
  })

  it.each(['PORT', 'KEYBOARD', 'TOKENIZER', 'COMPASS', 'PASSENGERS', 'KEY_COUNT'])('%s does not', (name) =>
    expect(isSensitive({ name, value: '1' })).toBe(false),
  )
})

describe('taking variables into a list', () => {
  const items = [
    { source: 'value', name: 'A', value: '1' },
    { source: 'secret', name: 'B', secret: 'db', key: 'password' },
    { source: 'value', name: 'C', value: '3' },
    { source: 'value', value: 'nameless' },
  ]
  const variables: Variable[] = [
    { name: 'C', value: '3' },
    { name: 'B', value: '2' },
    { name: 'A', value: 'new' },
    { name: 'API_TOKEN', value: 't' },
  ]

  it('says what it would do', () => {
    const taking = takingOf(items, variables, kinds)
    expect(taking.map(({ name, does, sensitive }) => [name, does, sensitive])).toEqual([
      ['C', 'same', false],
      ['B', 'keep', false],
      ['A', 'change', false],
      ['API_TOKEN', 'add', true],
    ])
  })

  it('changes what stands there, adds the rest, and writes no value of a secret', () => {
    const next = taken(items, takingOf(items, variables, kinds), { asSecret: new Set(['API_TOKEN']), kinds })
    expect(next).toEqual([
      { source: 'value', name: 'A', value: 'new' },
      ...items.slice(1),
      { source: 'secret', name: 'API_TOKEN', key: 'API_TOKEN' },
    ])
  })

  it('changes nothing the second time', () => {
    const once = taken(items, takingOf(items, variables, kinds), { asSecret: new Set(), kinds })
    const again = taken(once, takingOf(once, variables, kinds), { asSecret: new Set(), kinds })
    expect(again).toEqual(once)
  })
})
