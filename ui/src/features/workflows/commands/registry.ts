import type { LucideIcon } from 'lucide-react'
import {
  AlignCenterHorizontal,
  AlignCenterVertical,
  AlignEndHorizontal,
  AlignEndVertical,
  AlignStartHorizontal,
  AlignStartVertical,
  Cable,
  ClipboardPaste,
  Copy,
  CopyPlus,
  Group,
  Maximize,
  Move,
  Plus,
  Redo2,
  Save,
  Scissors,
  SquareDashedMousePointer,
  Search,
  Sparkles,
  StickyNote,
  Trash2,
  Undo2,
  Ungroup,
} from 'lucide-react'
import { added } from '../graph/edits'
import { groupAround, newNote, ungrouped } from '../graph/groups'
import { DRAWINGS, GROUP } from '../graph/types'
import { NOTHING_SELECTED } from '../open/canvas-store'
import type { OpenWorkflow } from '../open/open-workflow'
import { align, distribute } from './arrange'
import { copy, cut, duplicate, paste } from './clipboard'
import { tidy } from './tidy'

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

function needsNodes(least: number, what: string) {
  return (open: OpenWorkflow) => (chosenNodes(open).size < least ? what : null)
}

const chooseFirst = needsNodes(1, 'Choose a node first.')

function middleOf({ view }: OpenWorkflow) {
  return view.get()?.centre() ?? { x: 0, y: 0 }
}

const edit: Command[] = [
  {
    id: 'undo',
    title: 'Undo',
    group: 'Edit',
    icon: Undo2,
    keys: ['Mod+Z'],
    about: [],
    edits: true,
    refusal: ({ draft }) => (draft.getState().history.past.length === 0 ? 'There is nothing to undo.' : null),
    run: ({ draft }) => draft.undo(),
  },
  {
    id: 'redo',
    title: 'Redo',
    group: 'Edit',
    icon: Redo2,
    keys: ['Mod+Shift+Z', 'Mod+Y'],
    about: [],
    edits: true,
    refusal: ({ draft }) =>
      draft.getState().history.future.length === 0 ? 'There is nothing to redo.' : null,
    run: ({ draft }) => draft.redo(),
  },
  {
    id: 'cut',
    title: 'Cut',
    group: 'Edit',
    icon: Scissors,
    keys: ['Mod+X'],
    about: ['nodes'],
    edits: true,
    refusal: chooseFirst,
    run: (open) => void cut(open, chosenNodes(open)),
  },
  {
    id: 'copy',
    title: 'Copy',
    group: 'Edit',
    icon: Copy,
    keys: ['Mod+C'],
    about: ['nodes'],
    edits: false,
    refusal: chooseFirst,
    run: (open) => void copy(open, chosenNodes(open)),
  },
  {
    id: 'paste',
    title: 'Paste',
    group: 'Edit',
    icon: ClipboardPaste,
    keys: ['Mod+V'],
    about: ['canvas'],
    edits: true,
    run: (open) => void paste(open),
  },
  {
    id: 'duplicate',
    title: 'Duplicate',
    group: 'Edit',
    icon: CopyPlus,
    keys: ['Mod+D'],
    about: ['nodes'],
    edits: true,
    refusal: chooseFirst,
    run: (open) => duplicate(open, chosenNodes(open)),
  },
  {
    id: 'select-all',
    title: 'Select all',
    group: 'Edit',
    icon: SquareDashedMousePointer,
    keys: ['Mod+A'],
    about: ['canvas'],
    edits: false,
    run: ({ stores, graph }) => {
      const { nodes, edges } = graph.getState().graph
      const selection = {
        nodes: new Set(nodes.map(({ id }) => id)),
        edges: new Set(edges.map(({ id }) => id)),
      }
      stores.canvas.setState({ selection })
    },
  },
  {
    id: 'delete',
    title: 'Delete',
    group: 'Edit',
    icon: Trash2,
    keys: ['Delete', 'Backspace'],
    about: ['nodes', 'wires'],
    edits: true,
    refusal: (open) =>
      chosenNodes(open).size + open.stores.canvas.getState().selection.edges.size === 0
        ? 'Choose something first.'
        : null,
    run: (open) => {
      const { edges } = open.stores.canvas.getState().selection
      const nodes = chosenNodes(open)
      open.editing.remove({ nodes, edges })
      open.address.change({ node: null, wire: null })
    },
  },
]

const draw: Command[] = [
  {
    id: 'add',
    title: 'Add a node',
    group: 'Draw',
    icon: Plus,
    keys: ['A'],
    about: ['canvas'],
    edits: true,
    run: (open) => {
      const { view, stores } = open
      const point = view.get()?.toScreen(middleOf(open)) ?? {
        x: window.innerWidth / 2,
        y: window.innerHeight / 3,
      }
      stores.canvas.setState({ asked: { kind: 'add', point, from: null } })
    },
  },
  {
    id: 'note',
    title: 'Add a note',
    group: 'Draw',
    icon: StickyNote,
    keys: ['N'],
    about: ['canvas'],
    edits: true,
    run: (open) => {
      const note = newNote(middleOf(open))
      open.editing.insert('Add a note', added([note]), [note.id])
    },
  },
  {
    id: 'connect',
    title: 'Connect…',
    group: 'Draw',
    icon: Cable,
    keys: ['C'],
    about: ['nodes'],
    edits: true,
    refusal: (open) => (oneNode(open) === null ? 'Choose one node first.' : null),
    run: (open) => {
      const from = oneNode(open)
      if (from !== null) open.stores.canvas.setState({ asked: { kind: 'connect', from } })
    },
  },
]

/** The one node, that is no drawing, which is chosen. */
function oneNode(open: OpenWorkflow): string | null {
  const [only, ...more] = chosenNodes(open)
  const node = open.graph.getState().graph.nodes.find(({ id }) => id === only)
  return node === undefined || more.length > 0 || DRAWINGS.has(node.type) ? null : node.id
}

const ALIGN = [
  ['left', 'Align left edges', AlignStartVertical],
  ['centre', 'Align centres', AlignCenterVertical],
  ['right', 'Align right edges', AlignEndVertical],
  ['top', 'Align top edges', AlignStartHorizontal],
  ['middle', 'Align middles', AlignCenterHorizontal],
  ['bottom', 'Align bottom edges', AlignEndHorizontal],
] as const

const arrange: Command[] = [
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
  ...ALIGN.map(([side, title, icon]): Command => ({
    id: `align-${side}`,
    title,
    group: 'Arrange',
    icon,
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

const see: Command[] = [
  {
    id: 'zoom-in',
    title: 'Zoom in',
    group: 'See',
    keys: ['+', '='],
    about: [],
    edits: false,
    run: ({ view }) => view.get()?.zoomIn(),
  },
  {
    id: 'zoom-out',
    title: 'Zoom out',
    group: 'See',
    keys: ['-'],
    about: [],
    edits: false,
    run: ({ view }) => view.get()?.zoomOut(),
  },
  {
    id: 'zoom-100',
    title: 'Zoom to 100 %',
    group: 'See',
    keys: ['0'],
    about: [],
    edits: false,
    run: ({ view }) => view.get()?.zoomTo(1),
  },
  {
    id: 'fit',
    title: 'Show everything',
    group: 'See',
    icon: Maximize,
    keys: ['1'],
    about: ['canvas'],
    edits: false,
    run: ({ view }) => view.get()?.fit(),
  },
  {
    id: 'fit-selection',
    title: 'Show what is chosen',
    group: 'See',
    keys: ['2'],
    about: ['nodes'],
    edits: false,
    refusal: chooseFirst,
    run: (open) => open.view.get()?.fit(chosenNodes(open)),
  },
  {
    id: 'search',
    title: 'Search the canvas',
    group: 'See',
    icon: Search,
    keys: ['/', 'Mod+F'],
    about: ['canvas'],
    edits: false,
    run: ({ stores }) => stores.canvas.setState({ search: '' }),
  },
  {
    id: 'leave',
    title: 'Choose nothing',
    group: 'See',
    keys: ['Escape'],
    about: [],
    edits: false,
    run: ({ stores, address }) => {
      stores.canvas.setState({ selection: NOTHING_SELECTED, asked: null, moving: null })
      address.change({ node: null, wire: null })
    },
  },
  {
    id: 'save',
    title: 'Save',
    group: 'Workflow',
    icon: Save,
    keys: ['Mod+S'],
    about: [],
    edits: false,
    refusal: (open) => open.locked(),
    run: ({ saving }) => void saving.save(),
  },
  {
    id: 'issues',
    title: 'Issues',
    group: 'Workflow',
    keys: ['I'],
    about: [],
    edits: false,
    run: ({ address }) => address.change({ drawer: 'issues' }),
  },
  {
    id: 'yaml',
    title: 'YAML of the node',
    group: 'Workflow',
    keys: ['Y'],
    about: ['nodes'],
    edits: false,
    refusal: (open) => (oneNode(open) === null ? 'Choose one node first.' : null),
    run: (open) => {
      const id = oneNode(open)
      if (id !== null) open.show(id, 'yaml')
    },
  },
]

/** Everything that can be done on the canvas; menus, keys and the sheet of keys all come from here. */
export const COMMANDS: readonly Command[] = [...edit, ...draw, ...arrange, ...see]

/** Why a command cannot be done now; null when it can. */
export function refusalOf(command: Command, open: OpenWorkflow): string | null {
  return (command.edits ? open.locked() : null) ?? command.refusal?.(open) ?? null
}
