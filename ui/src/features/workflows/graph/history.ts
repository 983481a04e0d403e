import type { Graph } from './types'

/** A graph as it once was, and what was then done to it, in words. */
export type Step = { graph: Graph; label: string }

/** Everything that was drawn, as whole graphs that share what is alike. */
export type History = {
  past: readonly Step[]
  present: Graph
  /** What was undone; the nearest last. */
  future: readonly Step[]
  /** What the last step goes on with, such as typing into one field; null when it is over. */
  open: string | null
}

const MOST_STEPS = 200

export function started(present: Graph): History {
  return { past: [], present, future: [], open: null }
}

/**
 * Go on to another graph; what was undone before is gone then.
 *
 * @param going what this is a part of: as long as it is the same, all of it is one step
 */
export function edited(history: History, label: string, graph: Graph, going: string | null = null): History {
  if (graph === history.present) return history
  if (going !== null && going === history.open) return { ...history, present: graph, future: [] }
  const past = [...history.past, { graph: history.present, label }]
  return { past: past.slice(-MOST_STEPS), present: graph, future: [], open: going }
}

/** What comes next is a step of its own, even if it is more of the same. */
export function settled(history: History): History {
  return history.open === null ? history : { ...history, open: null }
}

export function undone(history: History): History {
  const last = history.past.at(-1)
  if (last === undefined) return history
  return {
    past: history.past.slice(0, -1),
    present: last.graph,
    future: [...history.future, { graph: history.present, label: last.label }],
    open: null,
  }
}

export function redone(history: History): History {
  const next = history.future.at(-1)
  if (next === undefined) return history
  return {
    past: [...history.past, { graph: history.present, label: next.label }],
    present: next.graph,
    future: history.future.slice(0, -1),
    open: null,
  }
}
