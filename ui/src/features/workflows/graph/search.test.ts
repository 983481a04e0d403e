import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { servedCatalogue, starterGraph } from './catalogue.fixture'
import { anyGraph } from './graph.arbitrary'
import { inRows, search, type Searched } from './search'
import type { Graph } from './types'

const catalogue = servedCatalogue()

function searched(change: Partial<Searched> = {}): Searched {
  return { graph: starterGraph(), catalogue, namespace: 'shop', isSo: () => false, ...change }
}

/** The starter with a job of another namespace above everything. */
function withJob(): Graph {
  const job = {
    id: 'job',
    type: 'job',
    position: { x: 900, y: 0 },
    data: { name: 'Migrate', namespace: 'ops', command: ['run me', 'now'], suspend: true },
    parent: null,
  }
  return { nodes: [...starterGraph().nodes, job], edges: [] }
}

describe('a search', () => {
  it.each([
    ['starter', ['service', 'web', 'config']],
    ['STARTER-config', ['config']],
    ['kubeorch-starter', ['web']],
    ['deployment', ['web']],
    ['config', ['config']],
    ['greeting hello', ['config']],
    ['shop', ['service', 'web', 'config']],
    ['http', ['service']],
    ['migrate', ['job']],
    ['true', ['job']],
    ['ops', ['job']],
    ['"run me"', ['job']],
    ['"me now"', []],
    ['localhost/kubeorch-starter:1', ['web']],
    ['kind:dep', ['web']],
    ['kind:loyment', []],
    ['ns:ops', ['job']],
    ['ns:shop kind:service', ['service']],
    ['starter kind:job', []],
    ['kind: ns: is: starter-c', ['config']],
    ['', []],
    ['  ', []],
    ['kind:', []],
    ['is:nonsense', []],
  ])('for %j finds %j', (query, found) => {
    expect(search(query, searched({ graph: withJob() }))).toEqual(found)
  })

  it('asks how nodes are', () => {
    const isSo: Searched['isSo'] = (state, id) => (state === 'error' ? id === 'web' : id !== 'web')
    expect(search('is:error', searched({ isSo }))).toEqual(['web'])
    expect(search('is:stale starter', searched({ isSo }))).toEqual(['service', 'config'])
    expect(search('is:changed is:error', searched({ isSo }))).toEqual([])
  })

  it('bears nodes of a type that is not known', () => {
    const graph = {
      nodes: [{ id: 'x', type: 'hologram', position: { x: 0, y: 0 }, data: {}, parent: null }],
      edges: [],
    }
    expect(search('kind:holo', searched({ graph }))).toEqual(['x'])
  })

  it('bears any query', () => {
    fc.assert(
      fc.property(anyGraph, fc.string(), (graph, query) => {
        const found = search(query, searched({ graph }))
        expect(new Set(found).size).toBe(found.length)
      }),
    )
  })

  it('finds fewer the more is asked', () => {
    fc.assert(
      fc.property(
        anyGraph,
        fc.constantFrom('a', '1', 'kind:s'),
        fc.constantFrom('e', 'deploy', 'ns:s'),
        (graph, one, more) => {
          const wide = search(one, searched({ graph }))
          expect(search(`${one} ${more}`, searched({ graph })).every((id) => wide.includes(id))).toBe(true)
        },
      ),
    )
  })
})

it('reads rows from above, each from the left', () => {
  const at = (id: string, x: number, y: number) => ({ id, position: { x, y } })
  const items = [at('d', 0, 300), at('b', 300, 0), at('a', 0, 40), at('c', 600, 100), at('e', 0, 413)]
  expect(inRows(items).map(({ id }) => id)).toEqual(['a', 'b', 'c', 'd', 'e'])
})
