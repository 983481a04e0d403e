import { Cable, Plus, StickyNote } from 'lucide-react'
import { added } from '../graph/edits'
import { newNote } from '../graph/groups'
import { middleOf, oneNode, type Command } from './command'

/** What adds and connects. */
export const DRAW: readonly Command[] = [
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
