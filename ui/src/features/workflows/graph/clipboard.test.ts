import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { edge, servedCatalogue, starterGraph } from './catalogue.fixture'
import { copyText, duplicated, pasted, readText } from './clipboard'
import { added } from './edits'
import { anyGraph, anyPlace, someIds } from './graph.arbitrary'
import type { Graph, GraphNode, JsonObject } from './types'

const catalogue = servedCatalogue()
const limits = { nodes: 500, edges: 2000 }
const all = (graph: Graph) => new Set(graph.nodes.map(({ id }) => id))

function node(id: string, type: string, data: JsonObject = {}, parent: string | null = null): GraphNode {
  return { id, type, position: { x: 0, y: 0 }, data, parent }
}

function copied(graph: Graph, ids: ReadonlySet<string> = all(graph)): Graph {
  const found = readText(copyText(graph, ids))
  if (found.kind !== 'graph') throw new Error(`not a graph: ${found.kind}`)
  return found.graph
}

function made(pieces: ReturnType<typeof pasted>) {
  if (!pieces.ok) throw new Error(pieces.message)
  return pieces
}

describe('a copy', () => {
  it('has the chosen nodes and the wires between them', () => {
    const found = copied(starterGraph(), new Set(['web', 'config']))
    expect(found.nodes).toEqual(starterGraph().nodes.slice(1))
    expect(found.edges.map(({ id }) => id)).toEqual(['config-web'])
  })

  it('has what stands in a chosen group', () => {
    const graph = { nodes: [node('g', 'group'), node('in', 'job', {}, 'g'), node('out', 'job')], edges: [] }
    expect(copied(graph, new Set(['g'])).nodes.map(({ id }) => id)).toEqual(['g', 'in'])
  })

  it('is read as it was, of any graph', () => {
    fc.assert(
      fc.property(anyGraph, (graph) => {
        expect(copied(graph)).toEqual(graph)
      }),
    )
  })
})

describe('a text that is pasted', () => {
  it.each([
    ['', 'other', /empty/],
    ['what a day', 'other', /neither nodes of a workflow nor Kubernetes YAML/],
    ['{"nodes": []}', 'other', /neither/],
    ['{"kind": "x", "apiVersion": 1}', 'other', /neither/],
    ['kind: of\napi: x', 'other', /neither/],
    ['{"kubeorch": 2, "nodes": [], "edges": []}', 'other', /another version/],
    ['{"kubeorch": 1, "nodes": [{"id": 3}], "edges": []}', 'other', /nodes.0.id is wrong/],
    ['x'.repeat(2 * 1024 * 1024 + 1), 'other', /longer than a workflow may be/],
  ])('is explained when it is no graph: %.40s', (text, kind, words) => {
    const found = readText(text)
    expect(found.kind).toBe(kind)
    expect(found).toHaveProperty('message', expect.stringMatching(words))
  })

  it.each([
    'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\n',
    '---\n# one\nkind: Job\napiVersion: batch/v1\n',
    '{"apiVersion":"v1","kind":"Secret"}',
  ])('is known as a manifest: %s', (text) => {
    expect(readText(text)).toEqual({ kind: 'yaml', text })
  })

  it('never throws', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect(['graph', 'yaml', 'other']).toContain(readText(text).kind)
      }),
    )
  })
})

describe('what is pasted', () => {
  it('stands round the pointer on the grid, with names that are free', () => {
    const graph = starterGraph()
    const { nodes, edges } = made(pasted(graph, copied(graph), { x: 1001, y: 501 }, catalogue, limits))
    expect(nodes.map(({ data }) => data.name)).toEqual(['starter-2', 'starter-2', 'starter-config-2'])
    // the cards reach from 80 to 1040 and from 160 to 384
    expect(nodes.map(({ position }) => position)).toEqual([
      { x: 520, y: 392 },
      { x: 880, y: 392 },
      { x: 1240, y: 392 },
    ])
    expect(edges.map(({ source, target, data }) => [source, target, data])).toEqual([
      [nodes[0]?.id, nodes[1]?.id, { rule: 'service-selects' }],
      [nodes[2]?.id, nodes[1]?.id, { rule: 'config-env' }],
    ])
  })

  it('keeps names that are free here, and namesakes of another namespace', () => {
    const graph = { nodes: [node('a', 'job', { name: 'x' })], edges: [] }
    const others = {
      nodes: [node('b', 'job', { name: 'x', namespace: 'n' }), node('c', 'cronjob', { name: 'x' })],
      edges: [],
    }
    const { nodes } = made(pasted(graph, others, { x: 0, y: 0 }, catalogue, limits))
    expect(nodes.map(({ data }) => data.name)).toEqual(['x', 'x'])
  })

  it('has free names among itself, and leaves drawings and nameless nodes as they are', () => {
    const twice = {
      nodes: [
        node('a', 'job', { name: 'x' }),
        node('b', 'job', { name: 'x' }),
        node('c', 'note', { name: 'x' }),
        node('d', 'job'),
      ],
      edges: [],
    }
    const { nodes } = made(pasted({ nodes: [], edges: [] }, twice, { x: 0, y: 0 }, catalogue, limits))
    expect(nodes.map(({ data }) => data.name)).toEqual(['x', 'x-2', 'x', undefined])
  })

  it('shares no value with what it is a copy of', () => {
    const graph = starterGraph()
    const { nodes } = made(pasted(graph, graph, { x: 0, y: 0 }, catalogue, limits))
    expect(nodes[0]?.data.ports).toEqual(graph.nodes[0]?.data.ports)
    expect(nodes[0]?.data.ports).not.toBe(graph.nodes[0]?.data.ports)
  })

  it.each([
    [{ nodes: 5, edges: 2000 }, 'A workflow has at most 5 nodes; this one has 3, and 3 more do not fit.'],
    [{ nodes: 500, edges: 3 }, 'A workflow has at most 3 wires; this one has 2, and 2 more do not fit.'],
  ])('is refused over the limits', (few, message) => {
    const graph = starterGraph()
    expect(pasted(graph, graph, { x: 0, y: 0 }, catalogue, few)).toEqual({ ok: false, message })
  })

  it('is refused when it is nothing, or of a type that is not known', () => {
    const empty = { nodes: [], edges: [] }
    expect(pasted(empty, empty, { x: 0, y: 0 }, catalogue, limits)).toMatchObject({ ok: false })
    const strange = { nodes: [node('a', 'hologram')], edges: [] }
    expect(pasted(empty, strange, { x: 0, y: 0 }, catalogue, limits)).toEqual({
      ok: false,
      message: 'This server does not know nodes of the type “hologram”.',
    })
  })

  it('has ids of its own and no loose end, whatever it is', () => {
    fc.assert(
      fc.property(anyGraph, anyGraph, someIds, anyPlace, (graph, other, ids, at) => {
        const pieces = pasted(graph, copied(other, ids), at, catalogue, limits)
        if (!pieces.ok) return
        const whole = added(pieces.nodes, pieces.edges)(graph)
        expect(whole.edges).toHaveLength(graph.edges.length + pieces.edges.length)
        expect(all(whole).size).toBe(whole.nodes.length)
        expect(pieces.nodes.every(({ position }) => position.x % 1 === 0 && position.y % 1 === 0)).toBe(true)
      }),
    )
  })
})

describe('a duplicate', () => {
  it('keeps wires to others as far as those take more', () => {
    const graph = starterGraph()
    const { nodes, edges } = made(duplicated(graph, new Set(['web']), catalogue, limits))
    expect(nodes).toMatchObject([{ position: { x: 480, y: 200 }, data: { name: 'starter-2' } }])
    // a service selects one workload, a config map may be read by many
    expect(edges.map(({ source, target }) => [source, target])).toEqual([['config', nodes[0]?.id]])
  })

  it('keeps the wires of its own ends: another service may select the same workload', () => {
    const { nodes, edges } = made(duplicated(starterGraph(), new Set(['service']), catalogue, limits))
    expect(edges).toMatchObject([{ source: nodes[0]?.id, target: 'web', data: { rule: 'service-selects' } }])
  })

  it('counts what it adds itself', () => {
    const graph = {
      nodes: [node('web', 'deployment', { name: 'w' }), node('one', 'serviceaccount', { name: 'o' })],
      edges: [edge('e', 'one', 'web', { rule: 'account-runs' })],
    }
    const { edges } = made(duplicated(graph, new Set(['one']), catalogue, limits))
    expect(edges).toEqual([])
    const policy = {
      nodes: [
        node('i', 'ingress', { name: 'i', paths: [{ id: 'a' }, { id: 'b' }] }),
        node('s', 'service', { name: 's' }),
      ],
      edges: ['a', 'b'].map((item) => ({
        ...edge(`e${item}`, 'i', 's', { rule: 'ingress-path' }),
        sourceHandle: `path:${item}`,
      })),
    }
    expect(made(duplicated(policy, new Set(['i']), catalogue, limits)).edges).toHaveLength(2)
    expect(made(duplicated(policy, new Set(['s']), catalogue, limits)).edges).toHaveLength(0)
  })

  it('leaves out wires of rules that are not known', () => {
    const graph = { ...starterGraph(), edges: [edge('e', 'config', 'web', { rule: 'no-such-rule' })] }
    expect(made(duplicated(graph, new Set(['web']), catalogue, limits)).edges).toEqual([])
  })
})
