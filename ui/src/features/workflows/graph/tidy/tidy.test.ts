import ELK from 'elkjs/lib/elk.bundled.js'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { edge, starterGraph } from '../catalogue.fixture'
import type { Graph, GraphNode, Position } from '../types'
import { tidyUp, type Engine } from './tidy'

/** ELK itself, without a worker, which Node does not have. */
const here: Engine = (graph) => ({ done: new ELK().layout(graph), stop: () => undefined })

afterEach(() => {
  vi.useRealTimers()
})

function card(id: string, x: number, y: number, change: Partial<GraphNode> = {}): GraphNode {
  return { id, type: 'job', position: { x, y }, data: {}, parent: null, ...change }
}

function at(places: ReadonlyMap<string, Position> | null, id: string): Position {
  const found = places?.get(id)
  if (found === undefined) throw new Error(`${id} has no place`)
  return found
}

describe('tidying up', () => {
  it('puts what points to a card before it, on the grid, with the corner where it was', async () => {
    const places = await tidyUp({ graph: starterGraph(), ids: null }, here).done
    expect(at(places, 'service').x).toBeLessThan(at(places, 'web').x)
    expect(at(places, 'config').x).toBeLessThan(at(places, 'web').x)
    const [xs, ys] = [
      [...(places?.values() ?? [])].map(({ x }) => x),
      [...(places?.values() ?? [])].map(({ y }) => y),
    ]
    expect([Math.min(...xs), Math.min(...ys)]).toEqual([80, 160])
    expect([...xs, ...ys].every((place) => place % 8 === 0)).toBe(true)
  })

  it('leaves what is not chosen, and notes, where they are', async () => {
    const graph = {
      nodes: [...starterGraph().nodes, card('n', 0, 0, { type: 'note' })],
      edges: starterGraph().edges,
    }
    const chosen = await tidyUp({ graph, ids: new Set(['web', 'config']) }, here).done
    expect([...(chosen?.keys() ?? [])].sort()).toEqual(['config', 'web'])
    expect(at(chosen, 'config')).toEqual({ x: 440, y: 160 })
    const whole = await tidyUp({ graph, ids: null }, here).done
    expect(whole?.has('n')).toBe(false)
  })

  it('keeps what is in a group together, and nobody else among it', async () => {
    const graph: Graph = {
      nodes: [
        card('g', 0, 0, { type: 'group' }),
        card('a', 0, 0, { parent: 'g' }),
        card('out', 0, 0),
        card('b', 0, 0, { parent: 'g' }),
      ],
      edges: [edge('1', 'a', 'b'), edge('2', 'out', 'b')],
    }
    const places = await tidyUp({ graph, ids: new Set(['g', 'out']) }, here).done
    const [group, a, b, out] = ['g', 'a', 'b', 'out'].map((id) => at(places, id))
    if (!group || !a || !b || !out) throw new Error('nodes are missing')
    expect(a.x).toBeGreaterThan(group.x)
    expect(a.y).toBeGreaterThan(group.y)
    expect(b.x).toBeGreaterThanOrEqual(a.x + 240)
    const among = out.x + 240 > group.x && out.x < b.x + 240 && out.y + 224 > group.y && out.y < b.y + 224
    expect(among).toBe(false)
  })

  it('lets no card lie on another, whatever their sizes', async () => {
    const nodes = Array.from({ length: 30 }, (_, at) => card(`n${at}`, 0, 0))
    const edges = nodes.slice(1).map(({ id }, index) => edge(`e${index}`, `n${Math.floor(index / 2)}`, id))
    const sizes = new Map(nodes.map(({ id }, index) => [id, { width: 240, height: 100 + index * 10 }]))
    const places = await tidyUp({ graph: { nodes, edges }, ids: null, sizes }, here).done
    const boxes = nodes.map(({ id }) => ({ ...at(places, id), height: sizes.get(id)?.height ?? 0 }))
    const lying = boxes.filter((box, index) =>
      boxes.some(
        (other, which) =>
          which !== index &&
          Math.abs(box.x - other.x) < 240 &&
          box.y < other.y + other.height &&
          other.y < box.y + box.height,
      ),
    )
    expect(lying).toEqual([])
  })

  it('gives nothing for nothing', async () => {
    expect(await tidyUp({ graph: { nodes: [], edges: [] }, ids: null }, here).done).toEqual(new Map())
  })
})

describe('an engine', () => {
  it('that is cancelled ends, and gives nothing', async () => {
    const stop = vi.fn()
    const tidying = tidyUp({ graph: starterGraph(), ids: null }, () => ({
      done: new Promise(() => undefined),
      stop,
    }))
    tidying.cancel()
    expect(await tidying.done).toBeNull()
    await vi.waitFor(() => expect(stop).toHaveBeenCalled())
  })

  it('that takes too long ends, and a simple layout answers', async () => {
    vi.useFakeTimers()
    const stop = vi.fn()
    const { done } = tidyUp({ graph: starterGraph(), ids: null }, () => ({
      done: new Promise(() => undefined),
      stop,
    }))
    await vi.advanceTimersByTimeAsync(10_000)
    const places = await done
    expect(at(places, 'service').x).toBeLessThan(at(places, 'web').x)
    await vi.waitFor(() => expect(stop).toHaveBeenCalled())
  })

  it('that fails leaves a group round what is in it', async () => {
    const graph: Graph = {
      nodes: [
        card('g', 0, 0, { type: 'group' }),
        card('a', 0, 0, { parent: 'g' }),
        card('b', 0, 0, { parent: 'g' }),
      ],
      edges: [edge('1', 'a', 'b')],
    }
    const places = await tidyUp({ graph, ids: null }, () => Promise.reject(new Error('it broke'))).done
    expect([at(places, 'g'), at(places, 'a'), at(places, 'b')]).toEqual([
      { x: 0, y: 0 },
      { x: 24, y: 48 },
      { x: 392, y: 48 },
    ])
  })

  it.each([
    ['cannot begin', () => Promise.reject(new Error('no worker may be had'))],
    ['fails', () => ({ done: Promise.reject(new Error('it broke')), stop: () => undefined })],
  ] as [string, Engine][])('that %s is replaced by the simple layout', async (_, engine) => {
    const places = await tidyUp({ graph: starterGraph(), ids: null }, engine).done
    expect([...(places?.keys() ?? [])].sort()).toEqual(['config', 'service', 'web'])
  })
})
