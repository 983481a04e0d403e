import { describe, expect, it } from 'vitest'
import { edge, servedCatalogue, starterGraph } from '../graph/catalogue.fixture'
import { wiredValues } from '../graph/mirrors'
import { detailOf } from './detail'
import { flowEdges, flowNodes, sidesBetween, unsetKeys } from './flow'

const catalogue = servedCatalogue()

describe('cards', () => {
  const graph = starterGraph()
  graph.nodes.push({ id: 'note', type: 'note', position: { x: 0, y: 900 }, data: {}, parent: null })
  const nodes = flowNodes({
    graph,
    catalogue,
    wired: wiredValues(graph, catalogue),
    issues: [
      { node_id: 'web', code: 'a', message: '' },
      { node_id: 'web', code: 'b', message: '', severity: 'warning' },
      { node_id: 'config', code: 'c', message: '', severity: 'error' },
    ],
    namespace: 'shop',
    unset: new Map([['config', 2]]),
  })

  it('draws notes as such, and counts issues, wires and keys', () => {
    expect(nodes.map(({ id, type }) => [id, type])).toEqual([
      ['service', 'card'],
      ['web', 'card'],
      ['config', 'card'],
      ['note', 'note'],
    ])
    expect(nodes[1]?.data).toMatchObject({
      errors: 1,
      warnings: 1,
      wires: 2,
      unset: 0,
      sides: ['left', 'right'],
    })
    expect(nodes[2]?.data).toMatchObject({ errors: 1, unset: 2, sides: ['left'] })
  })
})

describe('wires', () => {
  it('join the sides that face each other, with label and line', () => {
    const edges = flowEdges(starterGraph(), catalogue)
    expect(
      edges.map(({ sourceHandle, targetHandle, data }) => [sourceHandle, targetHandle, data?.line]),
    ).toEqual([
      ['right-out', 'left-in', 'traffic'],
      ['left-out', 'right-in', 'config'],
    ])
  })

  it('are drawn also when their rule is not known, and not when an end is missing', () => {
    const graph = starterGraph()
    graph.edges = [
      edge('1', 'service', 'web', { rule: 'of-tomorrow' }),
      edge('2', 'service', 'web', {}, 'wires'),
      edge('3', 'service', 'gone'),
      edge('4', 'web', 'config', {}, 'depends_on'),
    ]
    expect(flowEdges(graph, catalogue).map(({ data }) => [data?.label, data?.awaits])).toEqual([
      ['of-tomorrow', null],
      ['wires', null],
      ['starts after', 'config'],
    ])
    expect(
      flowNodes({ graph, catalogue, wired: new Map(), issues: [], namespace: 'x', unset: new Map() }),
    ).toHaveLength(3)
  })

  it.each([
    [{ x: 400, y: 0 }, ['right', 'left']],
    [{ x: -400, y: 0 }, ['left', 'right']],
    [{ x: 10, y: 400 }, ['bottom', 'top']],
    [{ x: 10, y: -400 }, ['top', 'bottom']],
  ])('towards %j leave by %j', (to, sides) => {
    expect(sidesBetween({ x: 0, y: 0 }, to)).toEqual(sides)
  })
})

it('counts keys without a value', () => {
  const answer = {
    node_id: 'keys',
    keys: [
      { key: 'A', set: true },
      { key: 'B', set: false },
    ],
  }
  expect(unsetKeys([undefined, answer])).toEqual(new Map([['keys', 1]]))
})

it('shows less the farther one is', () => {
  expect([1, 0.6, 0.59, 0.35, 0.34].map(detailOf)).toEqual(['full', 'full', 'brief', 'brief', 'tile'])
})
