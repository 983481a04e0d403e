import { Maximize, Save, Search } from 'lucide-react'
import { NOTHING_SELECTED } from '../open/canvas-store'
import { chooseFirst, chosenNodes, oneNode, type Command } from './command'

/** What shows more, or something else. */
export const SEE: readonly Command[] = [
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
