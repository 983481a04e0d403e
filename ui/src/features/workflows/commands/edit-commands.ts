import {
  ClipboardPaste,
  Copy,
  CopyPlus,
  Redo2,
  Scissors,
  SquareDashedMousePointer,
  Trash2,
  Undo2,
} from 'lucide-react'
import { copy, cut, duplicate, paste } from './clipboard'
import { chooseFirst, chosenNodes, type Command } from './command'

/** What undoes, copies and removes. */
export const EDIT: readonly Command[] = [
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
