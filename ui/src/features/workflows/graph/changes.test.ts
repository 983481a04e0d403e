import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { edge, starterGraph } from './catalogue.fixture'
import { changesBetween, isNothing } from './changes'
import { added, inTurn, moved, reattached, removed, withOptions, type Edit } from './edits'
import { anyGraph } from './graph.arbitrary'
import { walk } from './json-diff'
import type { JsonObject } from './types'

const none = new Set<string>()

function withValues(id: string, values: JsonObject): Edit {
  return (graph) => ({
    ...graph,
    nodes: graph.nodes.map((node) =>
      node.id === id ? { ...node, data: { ...node.data, ...values } } : node,
    ),
  })
}

function changed(...edits: Edit[]) {
  return changesBetween(starterGraph(), inTurn(...edits)(starterGraph()))
}

describe('what differs between two graphs', () => {
  it('is told by name, with the fields that say something else', () => {
    const job = {
      id: 'a1',
      type: 'job',
      position: { x: 0, y: 0 },
      data: { name: 'migrate' },
      parent: null,
    }
    const found = changed(
      withValues('web', { image: 'web:2', replicas: 2 }),
      removed({ nodes: new Set(['config']), edges: none }),
      added([job], [edge('job-web', 'a1', 'web')]),
    )
    expect(found.nodes).toEqual([
      { nodeId: 'a1', how: 'added', type: 'job', name: 'migrate', fields: [] },
      {
        nodeId: 'web',
        how: 'changed',
        type: 'deployment',
        name: 'starter',
        fields: [{ path: 'data.image', old: 'localhost/kubeorch-starter:1', new: 'web:2' }],
      },
      { nodeId: 'config', how: 'removed', type: 'configmap', name: 'starter-config', fields: [] },
    ])
    expect(found.edges).toEqual([
      { edgeId: 'job-web', how: 'added', sourceName: 'migrate', targetName: 'starter', fields: [] },
      {
        edgeId: 'config-web',
        how: 'removed',
        sourceName: 'starter-config',
        targetName: 'starter',
        fields: [],
      },
    ])
  })

  it('tells apart what only stands elsewhere', () => {
    const found = changed(moved(new Map([['web', { x: 1, y: 2 }]])))
    expect(found).toEqual({ nodes: [], edges: [], moved: ['web'] })
    expect(isNothing(found)).toBe(false)
  })

  it('tells the ends and options of a wire', () => {
    const ends = { source: { nodeId: 'config', handle: null }, target: { nodeId: 'service', handle: 'in' } }
    const found = changed(
      reattached('config-web', ends, { type: 'wires', data: { rule: 'config-env' } }),
      withOptions('config-web', (data) => ({ ...data, prefix: 'APP_' })),
    )
    expect(found.edges).toEqual([
      {
        edgeId: 'config-web',
        how: 'changed',
        sourceName: 'starter-config',
        targetName: 'starter',
        fields: [
          { path: 'data.prefix', old: undefined, new: 'APP_' },
          { path: 'target', old: 'web', new: 'service' },
          { path: 'targetHandle', old: null, new: 'in' },
        ],
      },
    ])
  })

  it('is nothing just when the graphs are alike, in whichever order their parts stand', () => {
    fc.assert(
      fc.property(anyGraph, (graph) => {
        const turned = { nodes: graph.nodes.toReversed(), edges: graph.edges.toReversed() }
        expect(isNothing(changesBetween(graph, structuredClone(turned)))).toBe(true)
      }),
    )
  })

  it('is the same backwards, with what was added removed', () => {
    const turn = { added: 'removed', removed: 'added', changed: 'changed' } as const
    fc.assert(
      fc.property(anyGraph, anyGraph, (left, right) => {
        const [there, back] = [changesBetween(left, right), changesBetween(right, left)]
        const hows = (nodes: typeof there.nodes) =>
          Object.fromEntries(nodes.map((one) => [one.nodeId, one.how]))
        const turned = Object.entries(hows(there.nodes)).map(([id, how]) => [id, turn[how]])
        expect(hows(back.nodes)).toEqual(Object.fromEntries(turned))
        expect(back.moved).toEqual(there.moved)
      }),
    )
  })
})

describe('fields that differ', () => {
  it.each([
    ['a key that comes', { a: 1 }, { a: 1, b: 2 }, [{ path: 'b', old: undefined, new: 2 }]],
    ['a key that goes', { a: { b: null } }, { a: {} }, [{ path: 'a.b', old: null, new: undefined }]],
    [
      'items by their name',
      { l: [{ name: 'a', v: 1 }, { name: 'b' }] },
      { l: [{ name: 'b' }, { name: 'c' }] },
      [
        { path: 'l[a]', old: { name: 'a', v: 1 }, new: undefined },
        { path: 'l[c]', old: undefined, new: { name: 'c' } },
      ],
    ],
    [
      'a field of an item',
      { l: [{ id: 'x', v: 1 }] },
      { l: [{ id: 'x', v: 2 }] },
      [{ path: 'l[x].v', old: 1, new: 2 }],
    ],
    [
      'another order',
      { l: [{ id: 'x' }, { id: 'y' }] },
      { l: [{ id: 'y' }, { id: 'x' }] },
      [{ path: 'l', old: ['x', 'y'], new: ['y', 'x'] }],
    ],
    [
      'items by their place',
      [1, 2],
      [1, 3, 4],
      [
        { path: '[1]', old: 2, new: 3 },
        { path: '[2]', old: undefined, new: 4 },
      ],
    ],
    [
      'items with one name twice',
      [{ name: 'a' }, { name: 'a' }],
      [{ name: 'a' }, { name: 'b' }],
      [{ path: '[1].name', old: 'a', new: 'b' }],
    ],
    ['another kind of value', { a: [] }, { a: {} }, [{ path: 'a', old: [], new: {} }]],
    ['true, which is not 1', { a: true }, { a: 1 }, [{ path: 'a', old: true, new: 1 }]],
  ])('are told: %s', (_, old, next, expected) => {
    expect(walk(old, next)).toEqual(expected)
  })

  it('are none of what is the same', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(walk(value, structuredClone(value))).toEqual([])
      }),
    )
  })
})
