import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ABSENT, isObject, lookup, same } from '@/lib/schema/conditions'
import { pointerTo } from './model'
import { setAt } from './set-at'

const names = fc.constantFrom('a', 'b', 'a/b', '~', '__proto__', '0')
const values = fc.jsonValue({ maxDepth: 3 })
const documents = fc.dictionary(names, fc.oneof(values, fc.dictionary(names, values)))
const paths = fc.array(names, { minLength: 1, maxLength: 3 }).map((parts) => parts.reduce(pointerTo, ''))

describe('a value at a pointer', () => {
  it('is there afterwards, and everything beside it is as it was', () => {
    fc.assert(
      fc.property(documents, paths, values, (document, path, value) => {
        fc.pre(!passesList(document, path))
        const before = structuredClone(document)
        const after = setAt(document, path, value)
        expect(lookup(after, path)).toEqual(value)
        expect(document).toEqual(before)
        for (const [name, other] of Object.entries(document))
          if (!path.startsWith(pointerTo('', name))) expect(lookup(after, pointerTo('', name))).toBe(other)
      }),
    )
  })

  it('changes nothing when it is what was there', () => {
    fc.assert(
      fc.property(documents, paths, (document, path) => {
        const there = lookup(document, path)
        expect(setAt(document, path, there)).toBe(document)
      }),
    )
  })

  it('is gone after its removal, and removing it again changes nothing', () => {
    fc.assert(
      fc.property(documents, paths, (document, path) => {
        fc.pre(!passesList(document, path))
        const once = setAt(document, path, ABSENT)
        expect(lookup(once, path)).toBe(ABSENT)
        expect(setAt(once, path, ABSENT)).toBe(once)
      }),
    )
  })

  it('comes back by setting what was removed', () => {
    fc.assert(
      fc.property(documents, paths, (document, path) => {
        const there = lookup(document, path)
        fc.pre(there !== ABSENT && !passesList(document, path))
        expect(same(setAt(setAt(document, path, ABSENT), path, there), document)).toBe(true)
      }),
    )
  })

  it('takes objects with it that its removal empties, and no others', () => {
    const value = { resources: { limits: { cpu: '1' } }, labels: {} }
    expect(setAt(value, '/resources/limits/cpu', ABSENT)).toEqual({ labels: {} })
    expect(setAt({ paths: [{ host: 'a' }] }, '/paths/0/host', ABSENT)).toEqual({ paths: [{}] })
  })

  it('keeps what is empty but was said', () => {
    expect(setAt({}, '/replicas', 0)).toEqual({ replicas: 0 })
    expect(setAt({}, '/data/KEY', '')).toEqual({ data: { KEY: '' } })
    expect(setAt({}, '/groups', [''])).toEqual({ groups: [''] })
  })

  it('is an item of a list, appended behind the last', () => {
    expect(setAt({ hosts: ['a'] }, '/hosts/1', 'b')).toEqual({ hosts: ['a', 'b'] })
    expect(setAt({ hosts: ['a'] }, '/hosts/-', 'b')).toEqual({ hosts: ['a', 'b'] })
    expect(setAt({ hosts: ['a', 'b'] }, '/hosts/0', ABSENT)).toEqual({ hosts: ['b'] })
    const document = { hosts: ['a'] }
    expect(setAt(document, '/hosts/5', 'b')).toBe(document)
    expect(setAt(document, '/hosts/x', 'b')).toBe(document)
  })
})

function passesList(document: unknown, path: string): boolean {
  let at = ''
  for (const part of path.slice(1).split('/')) {
    if (Array.isArray(lookup(document, at))) return true
    at = `${at}/${part}`
    if (!isObject(lookup(document, at)) && !Array.isArray(lookup(document, at))) return false
  }
  return false
}
