import { createStore, type StoreApi } from 'zustand/vanilla'
import type { ActionLook } from '@/components/objects/actions'

export type CanvasState = {
  /** What a plan or a comparison that is open says of nodes. */
  marks: Readonly<Record<string, ActionLook>>
  /** The card whose inspector is open. */
  selectedId: string | null
  /** The card that Tab leads to, and from which arrows start. */
  activeId: string | null
  /** Only cards in this state stand out; null: all. */
  filter: string | null
  /** A card that is to be brought into view and given the focus; the canvas takes it. */
  wantedId: string | null
}

export type CanvasStore = StoreApi<CanvasState>

export function createCanvasStore(): CanvasStore {
  return createStore<CanvasState>(() => ({
    selectedId: null,
    activeId: null,
    filter: null,
    wantedId: null,
    marks: {},
  }))
}
