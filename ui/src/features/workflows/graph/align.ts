import { GRID } from './create'
import { CARD_HEIGHT, CARD_WIDTH } from './layout'
import type { Position } from './types'

/** A card as it stands. */
export type Box = { id: string; x: number; y: number; width: number; height: number }

export const ALIGNMENTS = ['left', 'centre', 'right', 'top', 'middle', 'bottom'] as const
export type Alignment = (typeof ALIGNMENTS)[number]
export type Direction = 'across' | 'down'

/** Nearer than this a card is drawn to the line of another. */
const NEAR = 6

/** A card whose size nobody has measured. */
export function boxAt(id: string, { x, y }: Position): Box {
  return { id, x, y, width: CARD_WIDTH, height: CARD_HEIGHT }
}

/** Where cards stand when an edge or the middle of each is on one line: the outermost edge, or the common middle. */
export function alignedTo(alignment: Alignment, boxes: readonly Box[]): Map<string, Position> {
  if (boxes.length < 2) return new Map()
  const frame = frameOf(boxes)
  const place = ({ x, y, width, height }: Box): Position => {
    switch (alignment) {
      case 'left':
        return { x: frame.x, y }
      case 'centre':
        return { x: Math.round(frame.x + (frame.width - width) / 2), y }
      case 'right':
        return { x: frame.x + frame.width - width, y }
      case 'top':
        return { x, y: frame.y }
      case 'middle':
        return { x, y: Math.round(frame.y + (frame.height - height) / 2) }
      case 'bottom':
        return { x, y: frame.y + frame.height - height }
    }
  }
  return new Map(boxes.map((box) => [box.id, place(box)]))
}

/** The smallest box around some. */
export function frameOf(boxes: readonly Box[]): Omit<Box, 'id'> {
  const [x, y] = [Math.min(...boxes.map((box) => box.x)), Math.min(...boxes.map((box) => box.y))]
  return {
    x,
    y,
    width: Math.max(...boxes.map((box) => box.x + box.width)) - x,
    height: Math.max(...boxes.map((box) => box.y + box.height)) - y,
  }
}

/** Where cards stand when the gaps between them are alike; the outermost two stay. */
export function distributed(direction: Direction, boxes: readonly Box[]): Map<string, Position> {
  if (boxes.length < 3) return new Map()
  const [start, size] = direction === 'across' ? (['x', 'width'] as const) : (['y', 'height'] as const)
  const sorted = [...boxes].sort((left, right) => left[start] - right[start] || (left.id < right.id ? -1 : 1))
  const frame = frameOf(boxes)
  const gap = (frame[size] - sorted.reduce((sum, box) => sum + box[size], 0)) / (sorted.length - 1)
  let next = frame[start]
  return new Map(
    sorted.map((box) => {
      const at = Math.round(next)
      next += box[size] + gap
      return [box.id, { x: box.x, y: box.y, [start]: at }]
    }),
  )
}

/** A line that a dragged card and others share; from and to say how far it reaches. */
export type Guide = { axis: 'x' | 'y'; at: number; from: number; to: number }

export type Dragged = { position: Position; guides: Guide[] }

/**
 * Where a dragged card comes to stand, with the lines that hold it there: its edges and its middle are drawn to those
 * of other cards, each axis for itself, and to the grid where there is none near.
 *
 * @param free the card stays just where the pointer has it
 */
export function dragged(box: Box, others: readonly Box[], free = false): Dragged {
  if (free) return { position: { x: box.x, y: box.y }, guides: [] }
  const [x, y] = [drawnTo('x', box, others), drawnTo('y', box, others)]
  const moved = { ...box, x: x ?? onGrid(box.x), y: y ?? onGrid(box.y) }
  return {
    position: { x: moved.x, y: moved.y },
    guides: [
      ...(x === null ? [] : guides('x', moved, others)),
      ...(y === null ? [] : guides('y', moved, others)),
    ],
  }
}

function onGrid(place: number): number {
  return Math.round(place / GRID) * GRID
}

type Axis = Guide['axis']

/** The beginning, the middle and the end of a card along an axis. */
function linesOf(axis: Axis, box: Box): number[] {
  const [start, size] = axis === 'x' ? [box.x, box.width] : [box.y, box.height]
  return [start, start + size / 2, start + size]
}

/** Where the nearest line of another card draws this one; null when none is near. */
function drawnTo(axis: Axis, box: Box, others: readonly Box[]): number | null {
  const own = linesOf(axis, box)
  const ways = others.flatMap((other) =>
    linesOf(axis, other).flatMap((line, at) =>
      // edges meet edges and middles meet middles
      own.flatMap((mine, index) => ((at === 1) === (index === 1) ? [line - mine] : [])),
    ),
  )
  const near = ways.filter((way) => Math.abs(way) <= NEAR)
  const [nearest] = near.sort((left, right) => Math.abs(left) - Math.abs(right))
  return nearest === undefined ? null : box[axis] + nearest
}

/** The lines that a card shares with others, each once and as long as all that share it. */
function guides(axis: Axis, box: Box, others: readonly Box[]): Guide[] {
  const [across, size] = axis === 'x' ? (['y', 'height'] as const) : (['x', 'width'] as const)
  return linesOf(axis, box).flatMap((at, index) => {
    const sharing = others.filter((other) =>
      linesOf(axis, other).some((line, other) => line === at && (other === 1) === (index === 1)),
    )
    if (sharing.length === 0) return []
    const all = [box, ...sharing]
    return [
      {
        axis,
        at,
        from: Math.min(...all.map((each) => each[across])),
        to: Math.max(...all.map((each) => each[across] + each[size])),
      },
    ]
  })
}
