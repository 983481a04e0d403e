import { describe, expect, it } from 'vitest'
import { edge, starterGraph } from './catalogue.fixture'
import { arePlaced, CARD_HEIGHT, CARD_WIDTH, layered, placed, positionsOf } from './layout'
import { nearest, neighbours } from './nearest'
import type { Graph } from './types'

function unplaced(ids: string[], wires: [string, string][]): Graph {
  return {
    nodes: ids.map((id) => ({ id, type: 'deployment', position: { x: 0, y: 0 }, data: {}, parent: null })),
    edges: wires.map(([source, target]) => edge(`${source}-${target}`, source, target)),
  }
}

describe('placed', () => {
  it('keeps positions that were saved', () => {
    const graph = starterGraph()
    expect(placed(graph)).toBe(graph)
    expect(positionsOf(graph).get('web')).toEqual({ x: 440, y: 160 })
  })

  it('lays out cards that were never placed', () => {
    const found = positionsOf(placed(unplaced(['a', 'b'], [['a', 'b']])))
    expect(found.get('b')?.x).toBeGreaterThan(CARD_WIDTH)
  })

  it('lays out cards that stand nowhere', () => {
    const graph = starterGraph()
    graph.nodes[0] = {
      ...graph.nodes[0],
      position: { x: Number.NaN, y: 0 },
    } as Graph['nodes'][number]
    expect(arePlaced(graph.nodes)).toBe(false)
  })

  it('leaves a card where it was put, even on another one', () => {
    const graph = starterGraph()
    const [first, second] = graph.nodes
    if (first && second) graph.nodes = [first, { ...second, position: first.position }]
    expect(placed(graph)).toBe(graph)
  })

  it('draws nothing of nothing', () => {
    expect(positionsOf({ nodes: [], edges: [] }).size).toBe(0)
    expect(layered({ nodes: [], edges: [] }).size).toBe(0)
  })
})

describe('layered', () => {
  it('puts each card behind all that point to it', () => {
    const found = layered(
      unplaced(
        ['d', 'c', 'b', 'a'],
        [
          ['a', 'b'],
          ['b', 'c'],
          ['a', 'c'],
          ['c', 'd'],
        ],
      ),
    )
    const xs = ['a', 'b', 'c', 'd'].map((id) => found.get(id)?.x ?? -1)
    expect(xs).toEqual([...xs].sort((left, right) => left - right))
    expect(new Set(xs).size).toBe(4)
  })

  it('never lays two cards on each other', () => {
    const ids = Array.from({ length: 40 }, (_, index) => `n${index}`)
    const wires = ids.slice(1).map((id, index): [string, string] => [`n${Math.floor(index / 3)}`, id])
    const places = [...layered(unplaced(ids, wires)).values()]
    for (const [index, one] of places.entries()) {
      for (const other of places.slice(index + 1)) {
        expect(Math.abs(one.x - other.x) >= CARD_WIDTH || Math.abs(one.y - other.y) >= CARD_HEIGHT).toBe(true)
      }
    }
  })

  it('uncrosses two wires', () => {
    const found = layered(
      unplaced(
        ['a', 'b', 'x', 'y'],
        [
          ['a', 'y'],
          ['b', 'x'],
        ],
      ),
    )
    const y = (id: string) => found.get(id)?.y ?? 0
    expect(Math.sign(y('a') - y('b'))).toBe(Math.sign(y('y') - y('x')))
  })

  it('ends on circles, loops and loose wires', () => {
    const found = layered(
      unplaced(
        ['a', 'b'],
        [
          ['a', 'b'],
          ['b', 'a'],
          ['a', 'a'],
          ['a', 'gone'],
        ],
      ),
    )
    expect(found.size).toBe(2)
    expect(found.get('a')).not.toEqual(found.get('b'))
  })
})

describe('nearest', () => {
  const places = new Map([
    ['middle', { x: 0, y: 0 }],
    ['right', { x: 300, y: 10 }],
    ['far', { x: 900, y: 0 }],
    ['left', { x: -300, y: 0 }],
    ['above', { x: 0, y: -200 }],
    ['below', { x: 20, y: 200 }],
  ])

  it('finds a neighbour in each direction', () => {
    const found = (['left', 'right', 'up', 'down'] as const).map((direction) =>
      nearest('middle', direction, places),
    )
    expect(found).toEqual(['left', 'right', 'above', 'below'])
  })

  it('finds nothing beyond the last card or from nowhere', () => {
    expect(nearest('far', 'right', places)).toBeNull()
    expect(nearest('gone', 'right', places)).toBeNull()
  })
})

it('lists each neighbour once', () => {
  const wires = [
    edge('1', 'a', 'b'),
    edge('2', 'b', 'a'),
    edge('3', 'a', 'c'),
    edge('4', 'a', 'a'),
    edge('5', 'x', 'y'),
  ]
  expect(neighbours('a', wires)).toEqual(['b', 'c'])
})
