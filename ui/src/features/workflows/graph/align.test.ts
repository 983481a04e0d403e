import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { alignedTo, ALIGNMENTS, boxAt, distributed, dragged, frameOf, type Box } from './align'

const box = (id: string, x: number, y: number, width = 100, height = 50): Box => ({ id, x, y, width, height })
const anyBoxes = fc.uniqueArray(
  fc.record({
    id: fc.string({ minLength: 1, maxLength: 3 }),
    x: fc.integer({ min: -500, max: 500 }),
    y: fc.integer({ min: -500, max: 500 }),
    width: fc.integer({ min: 10, max: 300 }),
    height: fc.integer({ min: 10, max: 300 }),
  }),
  { selector: ({ id }) => id, minLength: 3, maxLength: 8 },
)

function put(boxes: readonly Box[], places: ReadonlyMap<string, { x: number; y: number }>): Box[] {
  return boxes.map((each) => ({ ...each, ...places.get(each.id) }))
}

describe('aligning', () => {
  const boxes = [box('a', 0, 0), box('b', 40, 200, 60, 20), box('c', 300, 90)]

  it.each([
    ['left', [0, 0, 0], 'x'],
    ['centre', [150, 170, 150], 'x'],
    ['right', [300, 340, 300], 'x'],
    ['top', [0, 0, 0], 'y'],
    ['middle', [85, 100, 85], 'y'],
    ['bottom', [170, 200, 170], 'y'],
  ] as const)('to the %s puts cards at %j', (alignment, expected, axis) => {
    const places = alignedTo(alignment, boxes)
    const other = axis === 'x' ? 'y' : 'x'
    expect(boxes.map(({ id }) => places.get(id)?.[axis])).toEqual(expected)
    expect(boxes.map(({ id }) => places.get(id)?.[other])).toEqual(boxes.map((each) => each[other]))
  })

  it('leaves one card alone', () => {
    expect(alignedTo('left', [box('a', 1, 2)])).toEqual(new Map())
  })

  it('keeps within where they were, and does nothing the second time', () => {
    fc.assert(
      fc.property(anyBoxes, fc.constantFrom(...ALIGNMENTS), (cards, alignment) => {
        const once = put(cards, alignedTo(alignment, cards))
        const [before, after] = [frameOf(cards), frameOf(once)]
        expect(after.x).toBeGreaterThanOrEqual(before.x)
        expect(after.y).toBeGreaterThanOrEqual(before.y)
        expect(after.width).toBeLessThanOrEqual(before.width)
        expect(after.height).toBeLessThanOrEqual(before.height)
        if (alignment === 'centre' || alignment === 'middle') return
        expect(put(once, alignedTo(alignment, once))).toEqual(once)
      }),
    )
  })
})

describe('distributing', () => {
  it('makes the gaps alike, the outermost two stay', () => {
    const boxes = [box('c', 400, 7), box('a', 0, 0), box('b', 120, 3)]
    expect(distributed('across', boxes)).toEqual(
      new Map([
        ['a', { x: 0, y: 0 }],
        ['b', { x: 200, y: 3 }],
        ['c', { x: 400, y: 7 }],
      ]),
    )
    expect(distributed('down', [box('a', 0, 0), box('b', 5, 60), box('c', 9, 200)]).get('b')).toEqual({
      x: 5,
      y: 100,
    })
  })

  it('needs three', () => {
    expect(distributed('down', [box('a', 0, 0), box('b', 5, 60)])).toEqual(new Map())
  })

  it('makes gaps that differ by a pixel at most', () => {
    fc.assert(
      fc.property(anyBoxes, fc.constantFrom('across', 'down'), (cards, direction) => {
        const [start, size] = direction === 'across' ? (['x', 'width'] as const) : (['y', 'height'] as const)
        const places = distributed(direction, cards)
        const order = [...places.keys()].flatMap((id) => put(cards, places).filter((card) => card.id === id))
        const gaps = order
          .slice(1)
          .map((card, at) => card[start] - (order[at]?.[start] ?? 0) - (order[at]?.[size] ?? 0))
        expect(Math.max(...gaps) - Math.min(...gaps)).toBeLessThanOrEqual(1)
      }),
    )
  })
})

describe('a dragged card', () => {
  const other = box('o', 200, 300)

  it('is drawn to the edge of another within 6 px, with a line along both', () => {
    expect(dragged(box('d', 205, 100), [other])).toEqual({
      position: { x: 200, y: 104 },
      guides: [
        { axis: 'x', at: 200, from: 104, to: 350 },
        { axis: 'x', at: 250, from: 104, to: 350 },
        { axis: 'x', at: 300, from: 104, to: 350 },
      ],
    })
    expect(dragged(box('d', 207, 100), [other]).guides).toEqual([])
  })

  it('is drawn by each axis, and by edges that touch', () => {
    const { position, guides } = dragged(box('d', 98, 253, 100, 50), [other])
    expect(position).toEqual({ x: 100, y: 250 })
    expect(guides).toEqual([
      { axis: 'x', at: 200, from: 250, to: 350 },
      { axis: 'y', at: 300, from: 100, to: 300 },
    ])
  })

  it('is drawn by its middle to a middle', () => {
    expect(dragged(box('d', 232, 0, 40, 20), [other]).guides).toEqual([
      { axis: 'x', at: 250, from: 0, to: 350 },
    ])
  })

  it('takes the nearest of several lines', () => {
    expect(dragged(box('d', 104, 0), [box('a', 100, 200), box('b', 106, 400)]).position.x).toBe(106)
  })

  it('is put on the grid where nothing is near, and nowhere else when that is held off', () => {
    expect(dragged(box('d', 13, 5), [])).toEqual({ position: { x: 16, y: 8 }, guides: [] })
    expect(dragged(box('d', 201, 101), [other], true)).toEqual({ position: { x: 201, y: 101 }, guides: [] })
  })

  it('is never drawn farther than 6 px, and each line is one of its own', () => {
    fc.assert(
      fc.property(anyBoxes, ([card, ...others]) => {
        if (card === undefined) return
        const { position, guides } = dragged(card, others)
        expect(Math.abs(position.x - card.x)).toBeLessThanOrEqual(6)
        expect(Math.abs(position.y - card.y)).toBeLessThanOrEqual(6)
        for (const { axis, at, from, to } of guides) {
          const size = axis === 'x' ? card.width : card.height
          expect([0, size / 2, size]).toContain(at - position[axis])
          expect(to).toBeGreaterThan(from)
        }
      }),
    )
  })
})

it('takes a card that nobody has measured to be of the usual size', () => {
  expect(boxAt('a', { x: 1, y: 2 })).toMatchObject({ id: 'a', x: 1, y: 2, width: 240 })
})
