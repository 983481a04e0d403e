import { createStore, type StoreApi } from 'zustand/vanilla'
import type { ActionLook } from '@/components/objects/actions'
import type { Place, Selected } from '../graph/edits'
import type { Position, Rule } from '../graph/types'
import type { Refused } from '../graph/verdicts'

/** A wire that begins somewhere and ends nowhere yet: the end that is known. */
export type LooseWire = { at: Place; end: 'source' | 'target' }

/** What is asked before a wire is drawn, or said instead of drawing it; `point` is a place on the screen. */
export type Asked =
  | { kind: 'add'; point: Position; from: LooseWire | null }
  | {
      kind: 'choose'
      point: Position
      rules: readonly Rule[]
      source: Place
      target: Place
      instead: string | null
    }
  | { kind: 'refused'; point: Position; refused: Refused; source: Place; target: Place }
  | { kind: 'connect'; from: string }

/** An object that a plan takes away and no card stands for any more. */
export type Ghost = { id: string; name: string; kind: string; look: ActionLook }

export type CanvasState = {
  /** What a plan or a comparison that is open says of nodes. */
  marks: Readonly<Record<string, ActionLook>>
  ghosts: readonly Ghost[]
  /** The card whose inspector is open. */
  selectedId: string | null
  /** The card that Tab leads to, and from which arrows start. */
  activeId: string | null
  /** Cards and wires that the next command is about. */
  selection: Selected
  /** Only cards in this state stand out; null: all. */
  filter: string | null
  /** What is looked for on the canvas; null: nothing. */
  search: string | null
  /** What was found, in reading order; null: nothing is looked for. */
  found: ReadonlySet<string> | null
  /** A card that is to be brought into view; the canvas takes it. */
  wantedId: string | null
  /** Whether the card that is wanted is to have the focus as well. */
  wantsFocus: boolean
  /** A question or a refusal that lies over the canvas. */
  asked: Asked | null
  /** The cards that arrows move; null while they walk. */
  moving: ReadonlySet<string> | null
}

export type CanvasStore = StoreApi<CanvasState>

export const NOTHING_SELECTED: Selected = { nodes: new Set(), edges: new Set() }

export function createCanvasStore(): CanvasStore {
  return createStore<CanvasState>(() => ({
    selectedId: null,
    activeId: null,
    selection: NOTHING_SELECTED,
    filter: null,
    search: null,
    found: null,
    wantedId: null,
    wantsFocus: false,
    marks: {},
    ghosts: [],
    asked: null,
    moving: null,
  }))
}
