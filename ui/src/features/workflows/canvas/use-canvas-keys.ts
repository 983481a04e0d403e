import type { KeyboardEvent } from 'react'
import { announce } from '@/lib/a11y/announce'
import { nearest, neighbours, type Direction } from '../graph/nearest'
import type { Position } from '../graph/types'
import type { CanvasView } from '../open/canvas-view'
import { useOpenWorkflow, type OpenWorkflow } from '../open/open-workflow'

const ARROWS: Record<string, Direction> = {
  ArrowLeft: 'left',
  ArrowRight: 'right',
  ArrowUp: 'up',
  ArrowDown: 'down',
}
/** A step of the grid, and a long one with Shift. */
const STEP = 8
const LONG_STEP = 80
const BY: Record<Direction, Position> = {
  left: { x: -1, y: 0 },
  right: { x: 1, y: 0 },
  up: { x: 0, y: -1 },
  down: { x: 0, y: 1 },
}

/** Keys of the canvas: arrows walk from card to card or move them, `.` and `,` lead along wires, Space chooses. */
export function useCanvasKeys(
  positions: ReadonlyMap<string, Position>,
  { focus }: CanvasView,
): (event: KeyboardEvent) => void {
  const open = useOpenWorkflow()
  const { stores } = open
  return (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isField(event.target)) return
    const { activeId: from, moving } = stores.canvas.getState()
    const direction = ARROWS[event.key]
    if (moving !== null) {
      moveByKey(open, event, moving)
      return
    }
    if (direction !== undefined) {
      const next = from === null ? null : nearest(from, direction, positions)
      if (next !== null) focus(next)
      if (event.shiftKey && from !== null && next !== null) choose(open, [from, next])
      event.preventDefault()
      return
    }
    switch (event.key) {
      case '.':
      case ',': {
        const around = from === null ? [] : neighbours(from, open.graph.getState().graph.edges)
        const next = event.key === '.' ? around[0] : around.at(-1)
        if (next !== undefined) focus(next)
        return
      }
      case ' ':
        if (from !== null) toggle(open, from)
        event.preventDefault()
    }
  }
}

function isField(target: EventTarget): boolean {
  return target instanceof Element && target.closest('input, textarea, select, [contenteditable]') !== null
}

function choose({ stores }: OpenWorkflow, ids: readonly string[]): void {
  stores.canvas.setState(({ selection }) => ({
    selection: { ...selection, nodes: new Set([...selection.nodes, ...ids]) },
  }))
}

function toggle({ stores }: OpenWorkflow, id: string): void {
  stores.canvas.setState(({ selection }) => {
    const nodes = new Set(selection.nodes)
    if (!nodes.delete(id)) nodes.add(id)
    return { selection: { ...selection, nodes } }
  })
}

/** While cards are being moved: arrows move them, Enter leaves them there, Escape puts them back. */
function moveByKey(
  { stores, editing, draft }: OpenWorkflow,
  event: KeyboardEvent,
  moving: ReadonlySet<string>,
): void {
  const direction = ARROWS[event.key]
  if (direction !== undefined) {
    const far = event.shiftKey ? LONG_STEP : STEP
    editing.nudge(moving, { x: BY[direction].x * far, y: BY[direction].y * far }, 'move')
  } else if (event.key === 'Enter' || event.key === 'Escape' || event.key === 'm') {
    if (event.key === 'Escape' && draft.getState().history.open?.endsWith('move') === true) draft.undo()
    draft.settle()
    stores.canvas.setState({ moving: null })
    announce(event.key === 'Escape' ? 'Put back' : 'Moved')
  } else return
  event.preventDefault()
  event.stopPropagation()
}
