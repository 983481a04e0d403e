import { expect, it, test } from 'vitest'
import { areComing, groupsOf, nodesToPutBack, readObject } from './describe'
import { makeRemoved } from './removed.fixture'

test.each([
  ['Service shop/front', { kind: 'Service', namespace: 'shop', name: 'front' }],
  ['ClusterRole reader', { kind: 'ClusterRole', namespace: null, name: 'reader' }],
])('%s is read', (object, parts) => {
  expect(readObject(object)).toEqual(parts)
})

it('groups what was removed, and names each node once', () => {
  const items = [
    makeRemoved('Secret shop/a', { node_id: 'a', can: 'nothing' }),
    makeRemoved('Service shop/b', { node_id: 'b' }),
    makeRemoved('Deployment shop/b', { node_id: 'b' }),
    makeRemoved('Job shop/c', { node_id: 'c', can: 'roll-back' }),
  ]
  expect(groupsOf(items).map(({ can, items: of }) => [can, of.length])).toEqual([
    ['undo', 2],
    ['roll-back', 1],
    ['nothing', 1],
  ])
  expect(nodesToPutBack(items)).toEqual(['b'])
})

it('knows what the next run makes again', () => {
  expect(areComing([makeRemoved('Service shop/a')])).toBe(false)
  expect(areComing([makeRemoved('Service shop/a', { can: 'nothing' })])).toBe(false)
  const there = { can: 'nothing', in_graph: true } as const
  expect(areComing([makeRemoved('Service shop/a', there)])).toBe(true)
  expect(areComing([makeRemoved('Service shop/a', { ...there, again: true })])).toBe(false)
})
