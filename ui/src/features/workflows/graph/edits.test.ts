import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { edge, servedCatalogue, starterGraph } from './catalogue.fixture'
import { nodeOfType, snapped, wireOfRule } from './create'
import {
  added,
  inTurn,
  isHandleGone,
  moved,
  reattached,
  regrouped,
  removed,
  withData,
  withOptions,
  type Edit,
} from './edits'
import { anyGraph, anyPlace, someIds } from './graph.arbitrary'
import { edited, redone, settled, started, undone } from './history'
import { copyOf, freshId, nameFrom, namesTaken } from './naming'
import { sameGraph } from './same'
import type { Graph } from './types'

const catalogue = servedCatalogue()
const none = new Set<string>()

const anyEdit: fc.Arbitrary<Edit> = fc.oneof(
  someIds.map((ids) => removed({ nodes: ids, edges: none })),
  fc.tuple(someIds, anyPlace).map(([ids, to]) => moved(new Map([...ids].map((id) => [id, to])))),
  fc.tuple(someIds, fc.constantFrom('a', 'b', null)).map(([ids, into]) => regrouped(ids, into)),
  fc
    .tuple(fc.constantFrom('a', 'b', 'c'), fc.string())
    .map(([id, name]) => withData(id, (data) => ({ ...data, name }), catalogue)),
  fc.constantFrom('a', 'x').map((id) => added([], [edge('new', 'a', id)])),
  fc
    .constantFrom('a', 'b', 'x')
    .map((id) =>
      reattached(
        'e1',
        { source: { nodeId: id, handle: null }, target: { nodeId: 'c', handle: null } },
        { type: 'wires', data: {} },
      ),
    ),
)

function looseEnds({ nodes, edges }: Graph): string[] {
  const known = new Set(nodes.map((node) => node.id))
  return edges.filter(({ source, target }) => !known.has(source) || !known.has(target)).map(({ id }) => id)
}

describe('any edit', () => {
  it('leaves no wire without an end, and no graph changed that was given', () => {
    fc.assert(
      fc.property(anyGraph, fc.array(anyEdit, { maxLength: 6 }), (graph, edits) => {
        const before = structuredClone(graph)
        const after = inTurn(...edits)(graph)
        expect(looseEnds(after)).toEqual([])
        expect(graph).toEqual(before)
      }),
    )
  })

  it('is undone and redone to the very same graphs', () => {
    fc.assert(
      fc.property(anyGraph, fc.array(anyEdit, { maxLength: 8 }), (graph, edits) => {
        const seen = [graph]
        let history = started(graph)
        for (const edit of edits) {
          const next = edited(history, 'step', edit(history.present))
          if (next !== history) seen.push(next.present)
          history = next
        }
        for (const before of [...seen].reverse().slice(1)) {
          history = undone(history)
          expect(history.present).toBe(before)
        }
        expect(undone(history)).toBe(history)
        for (const after of seen.slice(1)) {
          history = redone(history)
          expect(history.present).toBe(after)
        }
        expect(redone(history)).toBe(history)
      }),
    )
  })

  it('gives the same graph when there is nothing to do', () => {
    const graph = starterGraph()
    const nothing = [
      removed({ nodes: new Set(['nobody']), edges: new Set(['nothing']) }),
      moved(new Map([['web', { x: 440, y: 160 }]])),
      regrouped(new Set(['web']), null),
      withData('web', (data) => data, catalogue),
      withOptions('service-web', (data) => data),
      added([]),
    ]
    for (const edit of nothing) expect(edit(graph)).toBe(graph)
  })
})

it('takes wires with their node, and lets what was grouped go free', () => {
  const graph = regrouped(new Set(['web']), 'service')(starterGraph())
  const after = removed({ nodes: new Set(['service']), edges: none })(graph)
  expect(after.edges.map(({ id }) => id)).toEqual(['config-web'])
  expect(after.nodes.find(({ id }) => id === 'web')?.parent).toBeNull()
})

it('takes the wires of an item with the item', () => {
  const paths = [
    { id: 'root', path: '/' },
    { id: 'api', path: '/api' },
  ]
  const graph: Graph = {
    nodes: [
      { id: 'in', type: 'ingress', position: { x: 0, y: 0 }, data: { name: 'in', paths }, parent: null },
      { id: 'svc', type: 'service', position: { x: 0, y: 0 }, data: { name: 'svc' }, parent: null },
    ],
    edges: [
      { ...edge('one', 'in', 'svc'), sourceHandle: 'path:root' },
      { ...edge('two', 'in', 'svc'), sourceHandle: 'path:api' },
    ],
  }
  const after = withData('in', (data) => ({ ...data, paths: paths.slice(1) }), catalogue)(graph)
  expect(after.edges.map(({ id }) => id)).toEqual(['two'])
  const ingress = graph.nodes[0]
  if (ingress === undefined) throw new Error('no node')
  expect(isHandleGone(ingress, 'path:gone', catalogue)).toBe(true)
  expect(isHandleGone(ingress, 'path', catalogue)).toBe(true)
  expect(isHandleGone(ingress, 'nothing', catalogue)).toBe(true)
  expect(isHandleGone(ingress, 'out', catalogue)).toBe(false)
})

describe('history', () => {
  const graphs = [0, 1, 2, 3].map((x) => ({
    ...starterGraph(),
    nodes: starterGraph().nodes.map((node) => ({ ...node, position: { x, y: x } })),
  }))
  const [zero, one, two, three] = graphs as [Graph, Graph, Graph, Graph]

  it('makes one step of what goes on', () => {
    const typed = edited(
      edited(started(zero), 'Change name', one, 'web/name'),
      'Change name',
      two,
      'web/name',
    )
    expect(undone(typed).present).toBe(zero)
    const other = edited(typed, 'Change image', three, 'web/image')
    expect(undone(other).present).toBe(two)
    const again = edited(settled(typed), 'Change name', three, 'web/name')
    expect(undone(again).present).toBe(two)
  })

  it('forgets what was undone when something else is done', () => {
    const back = undone(edited(started(zero), 'one', one))
    expect(redone(edited(back, 'two', two)).present).toBe(two)
  })

  it('keeps two hundred steps', () => {
    let history = started(zero)
    for (let at = 0; at < 250; at += 1) history = edited(history, `${at}`, { ...zero })
    expect(history.past).toHaveLength(200)
    expect(history.past[0]?.label).toBe('50')
  })
})

describe('names', () => {
  it('counts a pattern up to what is free', () => {
    expect(nameFrom('app-{n}', new Set())).toBe('app-1')
    expect(nameFrom('app-{n}', new Set(['app-1', 'app-2']))).toBe('app-3')
    expect(nameFrom('default', new Set(['default']))).toBe('default-2')
  })

  it('counts copies on, within the length of a name', () => {
    expect(copyOf('web', new Set())).toBe('web')
    expect(copyOf('web', new Set(['web']))).toBe('web-2')
    expect(copyOf('web-2', new Set(['web-2']))).toBe('web-3')
    const long = 'a'.repeat(63)
    expect(copyOf(long, new Set([long]))).toBe(`${'a'.repeat(61)}-2`)
  })

  it('looks at one kind in one namespace', () => {
    const graph = starterGraph()
    expect(namesTaken(graph, 'deployment')).toEqual(new Set(['starter']))
    expect(namesTaken(graph, 'deployment', 'elsewhere')).toEqual(new Set())
  })

  it('gives ids that the server takes, and each once', () => {
    const ids = Array.from({ length: 1000 }, freshId)
    expect(new Set(ids).size).toBe(1000)
    for (const id of ids) expect(id).toMatch(/^[A-Za-z0-9]([A-Za-z0-9_-]{0,61}[A-Za-z0-9])?$/)
  })
})

it('makes a node of every type and preset, on the grid, with its defaults', () => {
  for (const type of [...catalogue.types.values(), ...catalogue.presets]) {
    const node = nodeOfType(type, starterGraph(), { x: 13, y: -13 })
    expect(node).toMatchObject({ type: type.node_type, position: { x: 16, y: -16 } })
    expect(node.data).toEqual({ ...type.defaults, name: type.name_pattern.replace('{n}', '1') })
  }
  expect(snapped({ x: 3, y: 4 })).toEqual({ x: 0, y: 8 })
})

it('draws a wire by its rule, whose defaults it has for its own', () => {
  const rule = catalogue.rules.get('config-files')
  if (rule === undefined) throw new Error('no such rule')
  const wire = wireOfRule(rule, { nodeId: 'a', handle: 'path:x' }, { nodeId: 'b', handle: null })
  expect(wire).toMatchObject({ source: 'a', sourceHandle: 'path:x', target: 'b', targetHandle: null })
  expect(wire).toMatchObject({ type: 'wires', data: { rule: 'config-files', mount_path: '/etc/config' } })
  expect(wire.data).not.toBe(rule.edge_defaults)
})

it('tells graphs apart by what they draw', () => {
  const graph = starterGraph()
  expect(sameGraph(graph, structuredClone(graph))).toBe(true)
  expect(sameGraph(graph, moved(new Map([['web', { x: 1, y: 1 }]]))(graph))).toBe(false)
  expect(sameGraph(graph, { ...graph, edges: [] })).toBe(false)
})
