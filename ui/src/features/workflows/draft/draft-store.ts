import { createStore } from 'zustand/vanilla'
import type { Edit } from '../graph/edits'
import { edited, redone, settled, started, undone, type History } from '../graph/history'
import { sameGraph } from '../graph/same'
import type { Graph } from '../graph/types'

/** A graph that the server has, and its revision. */
export type Base = { revision: number; graph: Graph }

export type DraftState = {
  /** What was last loaded or saved: what is drawn began there, and is clean when it is the same. */
  base: Base
  history: History
  /** A later revision that somebody else has saved, while there are unsaved edits here; null: none is known. */
  behind: Base | null
}

/** The graph as it is drawn, saved or not: every edit goes through here, and can be undone. */
export interface Draft {
  getState: () => DraftState
  subscribe: (listener: () => void) => () => void
  /**
   * Change what is drawn.
   *
   * @param label the step in words, as undo names it: "Move 3 nodes"
   * @param going what the edit is a part of; edits in a row with the same are one step
   */
  edit: (label: string, edit: Edit, going?: string | null) => void
  /** The next edit is a step of its own. */
  settle: () => void
  undo: () => void
  redo: () => void
  /** Take in what the server has: it is drawn unless that would lose edits, which then are behind it. */
  hear: (heard: Base) => void
  /** Note that a graph was saved; edits made since stay unsaved. */
  saved: (base: Base) => void
  /** Draw another graph, begun at a revision of the server, as one step. */
  takeUp: (label: string, base: Base, graph: Graph) => void
}

export function createDraft(base: Base): Draft {
  const store = createStore<DraftState>(() => ({ base, history: started(base.graph), behind: null }))
  const step = (change: (history: History) => History) => {
    const { history } = store.getState()
    const next = change(history)
    if (next !== history) store.setState({ history: next })
  }
  const takeUp = (label: string, from: Base, graph: Graph) =>
    store.setState(({ history }) => ({
      base: from,
      history: edited(settled(history), label, graph),
      behind: null,
    }))
  return {
    getState: store.getState,
    subscribe: store.subscribe,
    edit: (label, edit, going = null) =>
      step((history) => edited(history, label, edit(history.present), going)),
    settle: () => step(settled),
    undo: () => step(undone),
    redo: () => step(redone),
    hear: (heard) => {
      const state = store.getState()
      if (heard.revision <= state.base.revision) return
      const drawn = state.history.present
      if (sameGraph(heard.graph, drawn)) store.setState({ base: { ...heard, graph: drawn }, behind: null })
      // a name or a namespace was changed, which is no matter of the graph
      else if (sameGraph(heard.graph, state.base.graph))
        store.setState({ base: { ...heard, graph: state.base.graph }, behind: null })
      else if (isClean(state)) takeUp('Changes from elsewhere', heard, heard.graph)
      else store.setState({ behind: heard })
    },
    saved: (saved) => store.setState({ base: saved, behind: null }),
    takeUp,
  }
}

/** Whether all that is drawn is saved. */
export function isClean({ base, history }: DraftState): boolean {
  return history.present === base.graph || sameGraph(history.present, base.graph)
}
