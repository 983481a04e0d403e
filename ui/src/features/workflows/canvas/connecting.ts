import { createStore, type StoreApi } from 'zustand/vanilla'
import type { Place } from '../graph/edits'
import type { Position } from '../graph/types'
import type { Verdict } from '../graph/verdicts'
import type { LooseWire } from '../open/canvas-store'

/** A wire that is being drawn, and what is known of the card under the pointer. */
export type Connecting = {
  loose: LooseWire
  /** The wire whose end is put elsewhere; null: a new one is drawn. */
  edgeId: string | null
  over: { nodeId: string; verdict: Verdict; point: Position } | null
}

export type ConnectingStore = StoreApi<{ now: Connecting | null }>

export function createConnectingStore(): ConnectingStore {
  return createStore<{ now: Connecting | null }>(() => ({ now: null }))
}

/** Both ends of a wire of which one is known. */
export function endsWith({ at, end }: LooseWire, other: Place): { source: Place; target: Place } {
  return end === 'source' ? { source: at, target: other } : { source: other, target: at }
}

/** The handle of a node that a handle of its card stands for: an item's, or null for the card as a whole. */
export function handleOf(cardHandle: string | null): string | null {
  return cardHandle?.startsWith(ITEM) === true ? cardHandle.slice(ITEM.length) : null
}

const ITEM = 'item:'

export function itemHandle(handle: string): string {
  return `${ITEM}${handle}`
}

/** The card at a place on the screen. */
export function cardAt({ x, y }: Position): string | null {
  const found = document.elementFromPoint(x, y)?.closest<HTMLElement>('[data-card]')
  return found?.dataset.card ?? null
}

/**
 * Mark every card with whether it may be connected; no card renders for it.
 *
 * The marks go straight to the elements, because they come and go with a drag, all at once.
 */
export function markCards(verdictOf: (id: string) => Verdict | null): void {
  for (const card of document.querySelectorAll<HTMLElement>('[data-card]')) {
    const verdict = verdictOf(card.dataset.card ?? '')
    if (verdict === null) delete card.dataset.verdict
    else card.dataset.verdict = verdict.ok ? 'ok' : 'no'
  }
}
