import { expect, it } from 'vitest'
import { edge, servedCatalogue } from './catalogue.fixture'
import { documentOf, ruleOf } from './document'

it('fills in what the API may leave out', () => {
  const document = documentOf({
    nodes: [{ id: 'a', type: 'service' }],
    edges: [{ id: 'e', source: 'a', target: 'a' }],
  })
  expect(document.nodes).toEqual([
    { id: 'a', type: 'service', position: { x: 0, y: 0 }, data: {}, parent: null },
  ])
  expect(document.edges).toEqual([edge('e', 'a', 'a')])
})

it('keeps what the API says', () => {
  const document = documentOf({
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
  expect(document.nodes[0]).toMatchObject({ position: { x: 1, y: 2 }, parent: 'g', data: { name: 'x' } })
  expect(document.edges[0]).toMatchObject({ sourceHandle: 'path:1', targetHandle: 'in', type: 'depends_on' })
})

it('finds the rule of a wire by name, and that of an order by its type', () => {
  const catalogue = servedCatalogue()
  expect(ruleOf(edge('1', 'a', 'b', { rule: 'config-env' }), catalogue)?.id).toBe('config-env')
  expect(ruleOf(edge('2', 'a', 'b', {}, 'depends_on'), catalogue)?.edge_type).toBe('depends_on')
  expect(ruleOf(edge('3', 'a', 'b', { rule: 'of-tomorrow' }), catalogue)).toBeNull()
})
