import { describe, expect, it } from 'vitest'
import { sharedFixture } from '@/testing/shared-fixture'
import { edge, servedCatalogue, starterGraph } from './catalogue.fixture'
import { mirrored, nameOf, wiredValues, type Mirrored } from './mirrors'

type Case = {
  name: string
  rule: string
  source: Record<string, unknown>
  target: Record<string, unknown>
  edge: Record<string, unknown>
  expected: Mirrored[]
}
const catalogue = servedCatalogue()

describe('mirrors, as the server shows them', () => {
  it.each(sharedFixture<Case[]>('mirrors.json'))('$name', ({ rule, expected, ...ends }) => {
    const found = catalogue.rules.get(rule)
    if (!found) throw new Error(`no rule ${rule}`)
    expect(mirrored(found, ends)).toEqual(expected)
  })
})

describe('wired values of a graph', () => {
  it('gives each end what its wires do, and from where', () => {
    const values = wiredValues(starterGraph(), catalogue)
    expect(values.get('service')).toEqual([
      { path: '/selector', value: 'starter', mode: 'set', from: 'starter', nodeId: 'web' },
    ])
    expect(values.get('web')).toEqual([
      {
        path: '/env',
        value: 'all of starter-config',
        mode: 'append',
        from: 'starter-config',
        nodeId: 'config',
      },
    ])
  })

  it('collects the values of several wires and passes over wires it cannot follow', () => {
    const graph = starterGraph()
    graph.edges.push(
      edge('twice', 'config', 'web', { rule: 'config-files', mount_path: '/etc/web' }),
      edge('loose', 'config', 'nowhere', { rule: 'config-env' }),
      edge('strange', 'config', 'web', { rule: 'of-tomorrow' }),
      edge('nameless', 'config', 'web'),
      edge('order', 'web', 'config', {}, 'depends_on'),
    )
    expect(wiredValues(graph, catalogue).get('web')).toHaveLength(2)
  })
})

it('names a node by its id when it has no name', () => {
  expect([nameOf({ name: 'web' }, 'n1'), nameOf({ name: '' }, 'n1'), nameOf({ name: 3 }, 'n1')]).toEqual([
    'web',
    'n1',
    'n1',
  ])
})
