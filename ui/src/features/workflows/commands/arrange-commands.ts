import { Group, Move, Sparkles, Ungroup } from 'lucide-react'
import { groupAround, ungrouped } from '../graph/groups'
import { DRAWINGS, GROUP } from '../graph/types'
import type { OpenWorkflow } from '../open/open-workflow'
import { align, distribute } from './arrange'
import { tidy } from './tidy'
import { chooseFirst, chosenNodes, needsNodes, type Command } from './command'

const ALIGN = [
  ['left', 'Align left edges'],
  ['centre', 'Align centres'],
  ['right', 'Align right edges'],
  ['top', 'Align top edges'],
  ['middle', 'Align middles'],
  ['bottom', 'Align bottom edges'],
] as const

/** What puts cards elsewhere, or into frames. */
export const ARRANGE: readonly Command[] = [
  {
    id: 'move',
    title: 'Move with the arrow keys',
    group: 'Arrange',
    icon: Move,
    keys: ['M'],
    about: ['nodes'],
    edits: true,
    refusal: chooseFirst,
    run: (open) => {
      open.draft.settle()
      open.stores.canvas.setState({ moving: chosenNodes(open) })
    },
  },
  ...ALIGN.map(([side, title]): Command => ({
    id: `align-${side}`,
    title,
    group: 'Arrange',
    keys: [],
    about: [],
    edits: true,
    refusal: needsNodes(2, 'Choose two nodes first.'),
    run: (open) => align(open, chosenNodes(open), side),
  })),
  ...(['across', 'down'] as const).map((along): Command => ({
    id: `distribute-${along}`,
    title: along === 'across' ? 'Distribute across' : 'Distribute down',
    group: 'Arrange',
    keys: [],
    about: [],
    edits: true,
    refusal: needsNodes(3, 'Choose three nodes first.'),
    run: (open) => distribute(open, chosenNodes(open), along),
  })),
  {
    id: 'tidy',
    title: 'Tidy up',
    group: 'Arrange',
    icon: Sparkles,
    keys: ['Mod+Shift+L'],
    about: ['canvas', 'nodes'],
    edits: true,
    refusal: ({ graph }) => (graph.getState().graph.nodes.length < 2 ? 'There is nothing to tidy up.' : null),
    run: (open) => void tidy(open),
  },
  {
    id: 'group',
    title: 'Group',
    group: 'Arrange',
    icon: Group,
    keys: ['Mod+G'],
    about: ['nodes'],
    edits: true,
    refusal: chooseFirst,
    run: (open) => {
      const made = groupAround(open.graph.getState().graph, chosenNodes(open), 'Group')
      if (made !== null) open.editing.insert('Group', made.edit, [made.id])
    },
  },
  {
    id: 'ungroup',
    title: 'Ungroup',
    group: 'Arrange',
    icon: Ungroup,
    keys: ['Mod+Shift+G'],
    about: ['nodes'],
    edits: true,
    refusal: (open) => {
      const chosen = chosenNodes(open)
      const { nodes } = open.graph.getState().graph
      return nodes.some(({ id, type }) => chosen.has(id) && type === GROUP) ? null : 'Choose a group first.'
    },
    run: (open) =>
      open.editing.insert('Ungroup', ungrouped(open.graph.getState().graph, chosenNodes(open)), []),
  },
  {
    id: 'frame-namespaces',
    title: 'Frame by namespace',
    group: 'Arrange',
    keys: [],
    about: ['canvas'],
    edits: true,
    run: (open) => frameNamespaces(open),
  },
]

/** A frame round the cards of each namespace, as one step. */
function frameNamespaces({ graph, editing, workflow }: OpenWorkflow): void {
  const drawn = graph.getState()
  const byNamespace = new Map<string, Set<string>>()
  for (const { id, type, data } of drawn.graph.nodes) {
    if (DRAWINGS.has(type)) continue
    const wired = drawn.wired.get(id)?.find(({ path }) => path === '/namespace')?.value
    const named = [data.namespace, wired].find((value) => typeof value === 'string' && value !== '')
    const namespace = typeof named === 'string' ? named : workflow.getState().namespace
    byNamespace.set(namespace, new Set([...(byNamespace.get(namespace) ?? []), id]))
  }
  const made = [...byNamespace].flatMap(([namespace, ids]) => groupAround(drawn.graph, ids, namespace) ?? [])
  editing.insert(
    'Frame by namespace',
    (now) => made.reduce((step, { edit: frame }) => frame(step), now),
    made.map(({ id }) => id),
  )
}
