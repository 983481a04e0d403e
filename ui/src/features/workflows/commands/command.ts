import type { LucideIcon } from 'lucide-react'
import { DRAWINGS } from '../graph/types'
import type { OpenWorkflow } from '../open/open-workflow'

/** Where a command is offered by a menu: on the canvas itself, on cards, on wires. */
export type About = 'canvas' | 'nodes' | 'wires'

export type Command = {
  id: string
  title: string
  group: 'Edit' | 'Draw' | 'Arrange' | 'See' | 'Workflow'
  icon?: LucideIcon
  keys: readonly string[]
  about: readonly About[]
  /** Whether it changes the graph. */
  edits: boolean
  /** Why it cannot be done now; null when it can. */
  refusal?: (open: OpenWorkflow) => string | null
  run: (open: OpenWorkflow) => void
}

/** What commands are about: the selection, else the active card. */
export function chosenNodes({ stores, graph }: OpenWorkflow): ReadonlySet<string> {
  const { selection, activeId, selectedId } = stores.canvas.getState()
  if (selection.nodes.size > 0 || selection.edges.size > 0) return selection.nodes
  const one = selectedId ?? activeId
  const isThere = graph.getState().graph.nodes.some(({ id }) => id === one)
  return new Set(one !== null && isThere ? [one] : [])
}

/** Refuses unless so many nodes are chosen. */
export function needsNodes(least: number, what: string) {
  return (open: OpenWorkflow) => (chosenNodes(open).size < least ? what : null)
}

export const chooseFirst = needsNodes(1, 'Choose a node first.')

/** The middle of what is seen of the graph. */
export function middleOf({ view }: OpenWorkflow) {
  return view.get()?.centre() ?? { x: 0, y: 0 }
}

/** The one node, that is no drawing, which is chosen. */
export function oneNode(open: OpenWorkflow): string | null {
  const [only, ...more] = chosenNodes(open)
  const node = open.graph.getState().graph.nodes.find(({ id }) => id === only)
  return node === undefined || more.length > 0 || DRAWINGS.has(node.type) ? null : node.id
}

/** Why a command cannot be done now; null when it can. */
export function refusalOf(command: Command, open: OpenWorkflow): string | null {
  return (command.edits ? open.locked() : null) ?? command.refusal?.(open) ?? null
}
