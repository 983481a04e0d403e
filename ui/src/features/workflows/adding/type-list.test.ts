import { expect, it } from 'vitest'
import { servedCatalogue, starterGraph } from '../graph/catalogue.fixture'
import { typesFor } from '../graph/fitting'
import { allTypes, doubtOf, foundTypes, groupsOf, usedNow } from './type-list'

const catalogue = servedCatalogue()
const types = allTypes(catalogue)
const names = (found: readonly { type: string }[]) => found.map(({ type }) => type)

it('finds types by title, kind, keyword and description, the nearest first', () => {
  expect(names(foundTypes(types, 'serv'))[0]).toBe('service')
  expect(names(foundTypes(types, 'web'))).toContain('deployment')
  expect(names(foundTypes(types, 'volume claim'))).toEqual(['persistentvolumeclaim'])
  expect(foundTypes(types, 'zzz')).toEqual([])
  expect(foundTypes(types, ' ')).toHaveLength(types.length)
})

it('shows favourites and what was used last before the categories, each type once among those', () => {
  const groups = groupsOf(types, { favourites: ['job'], recents: ['job', 'service', 'gone'] })
  expect(groups.slice(0, 2).map(({ title, types: found }) => [title, names(found)])).toEqual([
    ['Favourites', ['job']],
    ['Used last', ['service']],
  ])
  expect(groups.slice(2).flatMap(({ types: found }) => found)).toHaveLength(types.length)
  expect(groupsOf(types, { favourites: [], recents: [] })[0]?.title).toBe('Workloads')
})

it('keeps what was used last, each once, the newest first', () => {
  expect(usedNow(['a', 'b', 'c'], 'b')).toEqual(['b', 'a', 'c'])
  expect(
    usedNow(
      Array.from({ length: 20 }, (_, at) => `${at}`),
      'x',
    ),
  ).toHaveLength(8)
})

it('says why a type cannot be used, and nothing while nobody knows', () => {
  const [first] = types
  if (first === undefined) throw new Error('no types')
  const withState = (state: 'ok' | 'unknown' | 'missing_crd', reason: string | null = null) =>
    doubtOf({ ...first, availability: { state, reason } })
  expect(withState('ok')).toBeNull()
  expect(withState('unknown')).toBeNull()
  expect(withState('missing_crd')).toBe('It cannot be used on this cluster.')
  expect(withState('missing_crd', 'No cert-manager.')).toBe('No cert-manager.')
})

it('offers to a wire only what it can end at', () => {
  const from = (nodeId: string, end: 'source' | 'target') =>
    names(typesFor(starterGraph(), catalogue, { at: { nodeId, handle: null }, end }).map(({ type }) => type))
  // it sends traffic to one already
  expect(from('service', 'source')).toEqual([])
  expect(from('config', 'source')).toEqual(['deployment', 'statefulset', 'daemonset', 'job', 'cronjob'])
  expect(from('web', 'target')).toEqual(expect.arrayContaining(['service', 'configmap', 'secret']))
  expect(from('web', 'target')).not.toContain('ingress')
})
