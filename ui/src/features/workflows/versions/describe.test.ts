import { expect, it, test } from 'vitest'
import { CHANGES } from '@/components/objects/changes'
import { causeOf, marksOf, ownFields, readRef, refWord, sumOf } from './describe'
import type { Comparison } from '@/api/versions'

const node = (node_id: string, change: 'added' | 'removed' | 'changed') => ({
  node_id,
  change,
  type: 'deployment',
  name: node_id,
  changes: [],
})
const comparison: Comparison = {
  nodes: [node('a', 'added'), node('b', 'changed'), node('c', 'changed')],
  edges: [{ edge_id: 'e', change: 'removed', source: 'a', target: 'b', changes: [] }],
  moved: [],
  settings: [],
  secrets: [],
  identical: false,
}

test.each([
  ['saved', 'saved'],
  ['deployed', 'deployed'],
  ['12', '12'],
  ['0', null],
  ['-1', null],
  ['1e3', null],
  [null, null],
])('the side %s of an address is %s', (text, ref) => {
  expect(readRef(text)).toBe(ref)
})

it('says a side in words', () => {
  expect([refWord('3', 1), refWord('saved', 1), refWord('deployed', 1)]).toEqual([
    'v3',
    'what is saved',
    'what is deployed (v1)',
  ])
})

it('says why a version was made', () => {
  const version = {
    id: 'v',
    version: 3,
    name: '',
    tag: '',
    description: '',
    created_by: { user_id: 'u', name: 'Ada' },
    created_at: '2026-01-31T12:00:00Z',
    automatic: false,
    restored_from: null,
    run_id: null,
  }
  expect(causeOf(version)).toBe('kept by hand')
  expect(causeOf({ ...version, automatic: true })).toBe('made by itself')
  expect(causeOf({ ...version, run_id: 'run-1' })).toBe('made by a run')
  expect(causeOf({ ...version, restored_from: 1 })).toBe('v1 restored')
})

it('sums up a comparison, and marks the nodes', () => {
  expect(sumOf(comparison)).toBe('1 node added, 2 nodes changed, 1 wire removed')
  expect(marksOf(comparison)).toEqual({ a: CHANGES.added, b: CHANGES.changed, c: CHANGES.changed })
})

it('names fields as they are known on the canvas', () => {
  const paths = ['data.image', 'data.data.MODE', 'type'].map((path) => ({ path }))
  expect(ownFields(paths).map(({ path }) => path)).toEqual(['image', 'data.MODE', 'type'])
})
