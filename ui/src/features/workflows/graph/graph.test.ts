import { expect, it } from 'vitest'
import { edge, servedCatalogue, servedTypes } from './catalogue.fixture'
import { catalogueOf, graphOf, ruleOf, typeOf } from './graph'

it('fills in what the API may leave out', () => {
  const graph = graphOf({
    nodes: [{ id: 'a', type: 'service' }],
    edges: [{ id: 'e', source: 'a', target: 'a' }],
  })
  expect(graph.nodes).toEqual([
    { id: 'a', type: 'service', position: { x: 0, y: 0 }, data: {}, parent: null },
  ])
  expect(graph.edges).toEqual([edge('e', 'a', 'a')])
})

it('keeps what the API says', () => {
  const graph = graphOf({
    nodes: [{ id: 'a', type: 'service', position: { x: 1, y: 2 }, data: { name: 'x' }, parent: 'g' }],
    edges: [
      {
        id: 'e',
        source: 'a',
        source_handle: 'path:1',
        target: 'a',
        target_handle: 'in',
        type: 'depends_on',
        data: {},
      },
    ],
  })
  expect(graph.nodes[0]).toMatchObject({ position: { x: 1, y: 2 }, parent: 'g', data: { name: 'x' } })
  expect(graph.edges[0]).toMatchObject({ sourceHandle: 'path:1', targetHandle: 'in', type: 'depends_on' })
})

it('finds the rule of a wire by name, and that of an order by its type', () => {
  const catalogue = servedCatalogue()
  expect(ruleOf(edge('1', 'a', 'b', { rule: 'config-env' }), catalogue)?.id).toBe('config-env')
  expect(ruleOf(edge('2', 'a', 'b', {}, 'depends_on'), catalogue)?.edge_type).toBe('depends_on')
  expect(ruleOf(edge('3', 'a', 'b', { rule: 'of-tomorrow' }), catalogue)).toBeNull()
})

it('takes the preset that is for a node, and the type for all others', () => {
  const served = servedTypes()
  const [base] = served.items
  if (base === undefined) throw new Error('no types')
  const preset = { ...base, type: 'example.com/v1/Widget', title: 'Widget', node_type: base.type }
  const catalogue = catalogueOf({
    ...served,
    items: [
      ...served.items,
      { ...preset, title: 'Of tomorrow', applies_when: { like: 'nothing known' } },
      { ...preset, applies_when: { path: '/kind', equals: 'Widget' } },
    ],
  })
  expect(typeOf({ type: base.type, data: { kind: 'Widget' } }, catalogue)?.title).toBe('Widget')
  expect(typeOf({ type: base.type, data: { kind: 'Gadget' } }, catalogue)).toBe(base)
  expect(typeOf({ type: 'nothing', data: { kind: 'Widget' } }, catalogue)).toBeUndefined()
})
