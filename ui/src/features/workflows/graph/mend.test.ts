import { expect, it } from 'vitest'
import { servedCatalogue, starterGraph } from './catalogue.fixture'
import { mended } from './mend'
import type { Issue } from './types'

const catalogue = servedCatalogue()

function after(issue: Partial<Issue>) {
  const graph = starterGraph()
  const edit = mended({ code: 'x', message: 'No.', ...issue }, graph, catalogue)
  return edit === null ? null : edit(graph)
}

it('removes the wire or the node that is wrong', () => {
  const remedy = { text: 'Remove it', action: 'remove' } as const
  expect(after({ edge_id: 'config-web', remedy })?.edges).toHaveLength(1)
  expect(after({ node_id: 'web', remedy })?.nodes).toHaveLength(2)
})

it('sets a field to what is known to be right, of a node or a wire', () => {
  const remedy = { text: 'Two of them', action: 'change-field', path: '/replicas', value: 2 } as const
  expect(after({ node_id: 'web', remedy: { ...remedy, value: 5 } })?.nodes[1]?.data.replicas).toBe(5)
  const wire = { ...remedy, path: '/condition', value: 'healthy' }
  expect(after({ edge_id: 'config-web', remedy: wire })?.edges[1]?.data.condition).toBe('healthy')
  expect(
    after({ node_id: 'web', path: '/image', remedy: { ...remedy, path: null, value: 'a:1' } })?.nodes[1]?.data
      .image,
  ).toBe('a:1')
})

it('adds what is missing, wired to whom it is missing', () => {
  const remedy = { text: 'Add a ConfigMap', action: 'add-node', node_type: 'configmap' } as const
  const graph = after({ node_id: 'web', remedy })
  expect(graph?.nodes.at(-1)).toMatchObject({ type: 'configmap', data: { name: 'config-1' } })
  expect(graph?.edges.at(-1)).toMatchObject({ target: 'web', data: { rule: 'config-env' } })
})

it('leaves to people what only they can say', () => {
  expect(after({ node_id: 'web', remedy: { text: 'Enter one', action: 'change-field' } })).toBeNull()
  expect(after({ node_id: 'web' })).toBeNull()
  expect(after({ remedy: { text: 'Add', action: 'add-node', node_type: 'configmap' } })).toBeNull()
  expect(
    after({ node_id: 'web', remedy: { text: 'Add', action: 'add-node', node_type: 'of-tomorrow' } }),
  ).toBeNull()
})
