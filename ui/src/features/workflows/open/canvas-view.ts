import type { Position } from '../graph/types'

/** What is seen of the graph, and how to see more; only the drawn canvas has it, the list has none. */
export interface CanvasView {
  /** The middle of what is seen, in the graph's own pixels. */
  centre: () => Position
  /** A place on the screen, in the graph's own pixels. */
  toGraph: (point: Position) => Position
  toScreen: (place: Position) => Position
  zoomIn: () => void
  zoomOut: () => void
  zoomTo: (zoom: number) => void
  /** Show these cards, or all of them. */
  fit: (ids?: ReadonlySet<string>) => void
  /** Bring a card into view, if it is not. */
  reveal: (id: string) => void
  /** Give a card the focus, and bring it into view. */
  focus: (id: string) => void
}

/** Something of which there is one at a time, or none. */
export interface Current<Thing> {
  get: () => Thing | null
  /** Be the one from now on; returns how to stop. */
  take: (thing: Thing) => () => void
}

export function createCurrent<Thing>(): Current<Thing> {
  let current: Thing | null = null
  return {
    get: () => current,
    take: (thing) => {
      current = thing
      return () => {
        if (current === thing) current = null
      }
    },
  }
}
