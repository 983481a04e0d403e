import type { Position } from './types'

export type Direction = 'left' | 'right' | 'up' | 'down'

/** The nearest card in a direction; sideways distance counts double, so that rows and columns are followed. */
export function nearest(
  from: string,
  direction: Direction,
  positions: ReadonlyMap<string, Position>,
): string | null {
  const start = positions.get(from)
  if (start === undefined) return null
  let best: { id: string; cost: number } | null = null
  for (const [id, { x, y }] of positions) {
    if (id === from) continue
    const [along, across] = relative(direction, x - start.x, y - start.y)
    if (along <= 0) continue
    const cost = along + 2 * Math.abs(across)
    if (best === null || cost < best.cost) best = { id, cost }
  }
  return best?.id ?? null
}

function relative(direction: Direction, dx: number, dy: number): [along: number, across: number] {
  switch (direction) {
    case 'left':
      return [-dx, dy]
    case 'right':
      return [dx, dy]
    case 'up':
      return [-dy, dx]
    case 'down':
      return [dy, dx]
  }
}

/** Cards joined to one by a wire, in a steady order. */
export function neighbours(id: string, edges: readonly { source: string; target: string }[]): string[] {
  const found = edges.flatMap(({ source, target }) =>
    source === id ? [target] : target === id ? [source] : [],
  )
  return [...new Set(found)].filter((other) => other !== id)
}
