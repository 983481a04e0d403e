import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { edge, starterGraph } from './catalogue.fixture'
import { changesBetween } from './changes'
import { added, inTurn, moved, reattached, regrouped, removed, withOptions, type Edit } from './edits'
import { anyGraph, anyPlace, someIds } from './graph.arbitrary'
import { merge } from './merge'
import type { Graph, GraphNode, JsonObject } from './types'

const none = new Set<string>()

function withValues(id: string, values: JsonObject): Edit {
  return (graph) => ({
    ...graph,
    nodes: graph.nodes.map((node) => {
      const data = Object.fromEntries(
        Object.entries({ ...node.data, ...values }).filter(([, value]) => value !== undefined),
      )
      return node.id === id ? { ...node, data } : node
    }),
  })
}

const without = (id: string) => removed({ nodes: new Set([id]), edges: none })

function nodeNamed(id: string, change: Partial<GraphNode> = {}): GraphNode {
  return { id, type: 'job', position: { x: 0, y: 0 }, data: { name: id }, parent: null, ...change }
}

function merged(
  mine: Edit,
  theirs: Edit,
  choices: Record<string, 'mine' | 'theirs'> = {},
  base = starterGraph(),
) {
  return merge(base, mine(base), theirs(base), new Map(Object.entries(choices)))
}

function dataOf(graph: Graph, id: string): JsonObject | undefined {
  return graph.nodes.find((node) => node.id === id)?.data
}

describe('two people who change different things', () => {
  it('both have them', () => {
    const { graph, clashes } = merged(
      inTurn(withValues('web', { image: 'web:2' }), added([nodeNamed('a')], [edge('a-web', 'a', 'web')])),
      inTurn(
        withValues('web', { replicas: 5 }),
        without('config'),
        moved(new Map([['web', { x: 0, y: 8 }]])),
      ),
    )
    expect(clashes).toEqual([])
    expect(dataOf(graph, 'web')).toMatchObject({ image: 'web:2', replicas: 5 })
    expect(graph.nodes.map(({ id }) => id)).toEqual(['service', 'web', 'a'])
    expect(graph.nodes[1]?.position).toEqual({ x: 0, y: 8 })
    expect(graph.edges.map(({ id }) => id)).toEqual(['service-web', 'a-web'])
  })

  it('have the entries of one map', () => {
    const { graph, clashes } = merged(
      withValues('config', { data: { GREETING: 'Hello', MINE: '1' } }),
      withValues('config', { data: { THEIRS: '2' } }),
    )
    expect(clashes).toEqual([])
    expect(dataOf(graph, 'config')?.data).toEqual({ MINE: '1', THEIRS: '2' })
  })

  it('have the entries of a map that neither had before', () => {
    const { graph, clashes } = merged(
      withValues('web', { labels: { a: '1' } }),
      withValues('web', { labels: { b: '2' } }),
    )
    expect(clashes).toEqual([])
    expect(dataOf(graph, 'web')?.labels).toEqual({ a: '1', b: '2' })
  })

  it('have the items of one list, by name', () => {
    const http = { name: 'http', port: 80 }
    const { graph, clashes } = merged(
      withValues('service', {
        ports: [
          { name: 'mine', port: 1 },
          { ...http, port: 8080 },
        ],
      }),
      withValues('service', { ports: [http, { name: 'theirs', port: 2 }] }),
    )
    expect(clashes).toEqual([])
    expect(dataOf(graph, 'service')?.ports).toEqual([
      { name: 'mine', port: 1 },
      { name: 'http', port: 8080 },
      { name: 'theirs', port: 2 },
    ])
  })

  it('have one wire when both have drawn it', () => {
    const { graph } = merged(
      added([], [edge('z', 'config', 'service')]),
      added([], [edge('b', 'config', 'service')]),
    )
    expect(graph.edges.map(({ id }) => id)).toEqual(['service-web', 'config-web', 'b'])
  })

  it('have the node free when its frame is gone', () => {
    const base = added([nodeNamed('frame', { type: 'group' })])(starterGraph())
    const { graph, clashes } = merged(without('frame'), regrouped(new Set(['web']), 'frame'), {}, base)
    expect(clashes).toEqual([])
    expect(graph.nodes.find(({ id }) => id === 'web')?.parent).toBeNull()
  })
})

describe('two people who change the same', () => {
  it('are asked for each field, and mine stands until then', () => {
    const sides = [
      withValues('web', { image: 'mine', replicas: 3 }),
      withValues('web', { image: 'theirs', replicas: 4 }),
    ] as const
    const { graph, clashes } = merged(...sides)
    expect(clashes).toEqual([
      {
        key: 'node:web:data.image',
        of: 'node',
        id: 'web',
        path: 'data.image',
        base: 'localhost/kubeorch-starter:1',
        mine: 'mine',
        theirs: 'theirs',
      },
      {
        key: 'node:web:data.replicas',
        of: 'node',
        id: 'web',
        path: 'data.replicas',
        base: 2,
        mine: 3,
        theirs: 4,
      },
    ])
    expect(dataOf(graph, 'web')).toMatchObject({ image: 'mine', replicas: 3 })
    const decided = merged(...sides, { 'node:web:data.image': 'theirs' })
    expect(dataOf(decided.graph, 'web')).toMatchObject({ image: 'theirs', replicas: 3 })
    expect(decided.clashes).toEqual(clashes)
  })

  it('are not asked when they did the same', () => {
    const { graph, clashes } = merged(withValues('web', { replicas: 3 }), withValues('web', { replicas: 3 }))
    expect(clashes).toEqual([])
    expect(dataOf(graph, 'web')?.replicas).toBe(3)
  })

  it('are asked about a field that one removed and the other changed', () => {
    const { graph, clashes } = merged(
      withValues('web', { replicas: undefined }),
      withValues('web', { replicas: 4 }),
      { 'node:web:data.replicas': 'mine' },
    )
    expect(clashes).toMatchObject([{ path: 'data.replicas', mine: undefined, theirs: 4 }])
    expect(dataOf(graph, 'web')).not.toHaveProperty('replicas')
  })

  it('are asked about an item that one removed and the other changed', () => {
    const sides = [
      withValues('service', { ports: [] }),
      withValues('service', { ports: [{ name: 'http', port: 81 }] }),
    ] as const
    expect(merged(...sides).clashes).toMatchObject([{ path: 'data.ports[http]' }])
    const key = 'node:service:data.ports[http]'
    expect(dataOf(merged(...sides, { [key]: 'theirs' }).graph, 'service')?.ports).toEqual([
      { name: 'http', port: 81 },
    ])
    expect(dataOf(merged(...sides, { [key]: 'mine' }).graph, 'service')?.ports).toEqual([])
  })

  it('are asked about a list without names as a whole, and about two orders', () => {
    const base = withValues('web', { args: ['a'], list: [{ id: '1' }, { id: '2' }, { id: '3' }] })(
      starterGraph(),
    )
    const { clashes, graph } = merged(
      withValues('web', { args: ['a', 'b'], list: [{ id: '3' }, { id: '2' }, { id: '1' }] }),
      withValues('web', { args: ['a', 'c'], list: [{ id: '2' }, { id: '1' }, { id: '3' }] }),
      { 'node:web:data.list': 'theirs' },
      base,
    )
    expect(clashes.map(({ path }) => path)).toEqual(['data.args', 'data.list'])
    expect(dataOf(graph, 'web')).toMatchObject({
      args: ['a', 'b'],
      list: [{ id: '2' }, { id: '1' }, { id: '3' }],
    })
  })

  it('are asked about each of two fields whose names read alike', () => {
    const base = withValues('web', { 'a.b': 0, a: { b: 0 } })(starterGraph())
    const { clashes } = merged(
      withValues('web', { 'a.b': 1, a: { b: 1 } }),
      withValues('web', { 'a.b': 2, a: { b: 2 } }),
      {},
      base,
    )
    expect(new Set(clashes.map(({ key }) => key)).size).toBe(2)
  })

  it('have where they put a card last, without a question', () => {
    const to = (x: number) => moved(new Map([['web', { x, y: 0 }]]))
    const { graph, clashes } = merged(to(8), to(16))
    expect(clashes).toEqual([])
    expect(graph.nodes[1]?.position).toEqual({ x: 8, y: 0 })
  })

  it('are asked about a new node of one id', () => {
    const { graph, clashes } = merged(added([nodeNamed('n')]), added([nodeNamed('n', { type: 'cronjob' })]), {
      'node:n:': 'theirs',
    })
    expect(clashes).toMatchObject([{ key: 'node:n:', path: '', base: undefined }])
    expect(graph.nodes.filter(({ id }) => id === 'n').map(({ type }) => type)).toEqual(['cronjob'])
  })
})

describe('a node that one removed', () => {
  it('is asked about when the other changed it; its wires go or stay with it', () => {
    const sides = [without('config'), withValues('config', { data: { GREETING: 'Hi' } })] as const
    const gone = merged(...sides)
    expect(gone.clashes).toMatchObject([{ key: 'node:config:', path: '', mine: undefined }])
    expect(gone.graph.edges.map(({ id }) => id)).toEqual(['service-web'])
    const kept = merged(...sides, { 'node:config:': 'theirs' })
    expect(dataOf(kept.graph, 'config')).toMatchObject({ data: { GREETING: 'Hi' } })
    expect(kept.graph.edges.map(({ id }) => id)).toEqual(['service-web', 'config-web'])
  })

  it('is asked about when the other wired it', () => {
    const { clashes } = merged(added([], [edge('new', 'service', 'config')]), without('config'))
    expect(clashes).toMatchObject([{ key: 'node:config:', theirs: undefined }])
  })

  it('goes when the other only moved it', () => {
    const { graph, clashes } = merged(without('config'), moved(new Map([['config', { x: 9, y: 9 }]])))
    expect(clashes).toEqual([])
    expect(dataOf(graph, 'config')).toBeUndefined()
  })

  it('takes no wire along that the other has led elsewhere', () => {
    const ends = { source: { nodeId: 'service', handle: null }, target: { nodeId: 'web', handle: null } }
    const { graph, clashes } = merged(
      without('config'),
      reattached('config-web', ends, { type: 'wires', data: {} }),
    )
    expect(clashes).toEqual([])
    expect(graph.edges.find(({ id }) => id === 'config-web')).toMatchObject({ source: 'service' })
  })
})

describe('a wire', () => {
  const options = (prefix: string) => withOptions('config-web', (data) => ({ ...data, prefix }))
  const cut = removed({ nodes: none, edges: new Set(['config-web']) })

  it('that one cut and the other changed is asked about', () => {
    const { graph, clashes } = merged(cut, options('A_'), { 'edge:config-web:': 'theirs' })
    expect(clashes).toMatchObject([{ key: 'edge:config-web:', of: 'edge', mine: undefined }])
    expect(graph.edges).toHaveLength(2)
    expect(merged(cut, options('A_')).graph.edges).toHaveLength(1)
  })

  it('that both changed is merged by its options, and its ends are one', () => {
    const lead = (source: string, target: string) =>
      reattached(
        'config-web',
        { source: { nodeId: source, handle: null }, target: { nodeId: target, handle: null } },
        { type: 'wires', data: { rule: 'config-env' } },
      )
    const { graph, clashes } = merged(
      inTurn(lead('service', 'web'), options('A_')),
      lead('config', 'service'),
      { 'edge:config-web:ends': 'theirs' },
    )
    expect(clashes.map(({ path }) => path)).toEqual(['ends'])
    expect(graph.edges[1]).toMatchObject({ source: 'config', target: 'service', data: { prefix: 'A_' } })
  })
})

const value = fc.oneof(
  fc.constantFrom('x', 'y'),
  fc.uniqueArray(fc.record({ name: fc.constantFrom('p', 'q', 'r'), port: fc.integer({ min: 1, max: 2 }) }), {
    selector: ({ name }) => name,
  }),
  fc.dictionary(fc.constantFrom('k', 'l'), fc.integer({ min: 1, max: 2 })),
)
const anyEdit: fc.Arbitrary<Edit> = fc.oneof(
  fc.tuple(someIds, anyPlace).map(([ids, to]) => moved(new Map([...ids].map((id) => [id, to])))),
  fc.constantFrom('a', 'b', 'c', 'd').map(without),
  fc
    .tuple(fc.constantFrom('a', 'b', 'c'), fc.constantFrom('name', 'image', 'ports'), value)
    .map(([id, field, to]) => withValues(id, { [field]: to })),
  fc.tuple(fc.constantFrom('n1', 'n2', 'n3'), fc.constantFrom('a', 'b', 'c')).map(
    ([id, other]) =>
      (graph: Graph) =>
        graph.nodes.some((node) => node.id === id)
          ? graph
          : added(
              [nodeNamed(id)],
              graph.edges.some((one) => one.id === id) ? [] : [edge(id, id, other)],
            )(graph),
  ),
  fc.constantFrom('e1', 'e2', 'e3').map((id) => withOptions(id, (data) => ({ ...data, prefix: id }))),
)
const anyEdits = fc.array(anyEdit, { maxLength: 5 }).map((edits) => inTurn(...edits))

describe('any two changes', () => {
  it('of which one is none give the other', () => {
    fc.assert(
      fc.property(anyGraph, anyEdits, (base, edit) => {
        const [changed, unchanged] = [edit(base), structuredClone(base)]
        expect(merge(base, changed, unchanged)).toEqual({ graph: changed, clashes: [] })
        expect(merge(base, unchanged, changed)).toEqual({ graph: changed, clashes: [] })
        const twice = merge(base, changed, structuredClone(changed))
        expect(twice.clashes).toEqual([])
        expect(changesBetween(changed, twice.graph)).toEqual({ nodes: [], edges: [], moved: [] })
      }),
    )
  })

  it('give the same whoever is called me, but for clashes and where cards stand', () => {
    fc.assert(
      fc.property(anyGraph, anyEdits, anyEdits, (base, mine, theirs) => {
        const [there, back] = [merged(mine, theirs, {}, base), merged(theirs, mine, {}, base)]
        expect(back.clashes.map(({ key }) => key)).toEqual(there.clashes.map(({ key }) => key))
        if (there.clashes.length > 0) return
        const { nodes, edges } = changesBetween(there.graph, back.graph)
        expect([...nodes, ...edges]).toEqual([])
      }),
      { numRuns: 300 },
    )
  })

  it('leave no loose wire and no id twice, however clashes are decided', () => {
    fc.assert(
      fc.property(
        anyGraph,
        anyEdits,
        anyEdits,
        fc.infiniteStream(fc.boolean()),
        (base, mine, theirs, coins) => {
          const { clashes } = merged(mine, theirs, {}, base)
          const choices = clashes.map(({ key }) => [key, coins.next().value ? 'mine' : 'theirs'] as const)
          const { graph } = merged(mine, theirs, Object.fromEntries(choices), base)
          const ids = new Set(graph.nodes.map(({ id }) => id))
          expect(ids.size).toBe(graph.nodes.length)
          expect(new Set(graph.edges.map(({ id }) => id)).size).toBe(graph.edges.length)
          expect(graph.edges.filter(({ source, target }) => !ids.has(source) || !ids.has(target))).toEqual([])
          expect(graph.nodes.filter(({ parent }) => parent !== null && !ids.has(parent))).toEqual([])
        },
      ),
      { numRuns: 300 },
    )
  })

  it('have every node that a side added and none that it removed, once all is decided for it', () => {
    fc.assert(
      fc.property(anyGraph, anyEdits, anyEdits, (base, mine, theirs) => {
        const { clashes } = merged(mine, theirs, {}, base)
        const choices = Object.fromEntries(clashes.map(({ key }) => [key, 'theirs'] as const))
        const { graph } = merged(mine, theirs, choices, base)
        const { nodes } = changesBetween(base, theirs(base))
        const known = new Set(graph.nodes.map(({ id }) => id))
        for (const { nodeId, how } of nodes)
          expect([nodeId, known.has(nodeId)]).toEqual([nodeId, how !== 'removed'])
      }),
    )
  })
})
