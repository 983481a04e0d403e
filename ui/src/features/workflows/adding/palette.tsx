import { PanelLeftClose, Star, StickyNote, TriangleAlert } from 'lucide-react'
import { useMemo, useState, type KeyboardEvent } from 'react'
import { createPortal } from 'react-dom'
import { KindIcon } from '@/components/objects/kind-icon'
import { IconButton } from '@/components/ui/button'
import { SearchInput } from '@/components/ui/input'
import { cx } from '@/lib/format/classes'
import { setPrefs, usePrefs } from '@/lib/storage/prefs'
import { newNote } from '../graph/groups'
import { added } from '../graph/edits'
import type { NodeType } from '../graph/types'
import { useGraph } from '../open/hooks'
import { useOpenWorkflow } from '../open/open-workflow'
import { allTypes, doubtOf, foundTypes, groupsOf } from './type-list'
import { useAdding } from './use-adding'
import { usePlacing } from './use-placing'

/** Everything that can be put on the canvas: a click adds it in view, a drag where it is let go. */
export function Palette() {
  const { catalogue } = useGraph()
  const favourites = usePrefs((prefs) => prefs.favourites)
  const recents = usePrefs((prefs) => prefs.recents)
  const [text, setText] = useState('')
  const add = useAdding()
  const groups = useMemo(() => {
    const types = allTypes(catalogue)
    if (text.trim() === '') return groupsOf(types, { favourites, recents })
    const found = foundTypes(types, text)
    return found.length === 0 ? [] : [{ title: 'Found', types: found }]
  }, [catalogue, favourites, recents, text])
  const first = groups[0]?.types[0]
  return (
    <nav aria-label="Palette" className="flex h-full min-h-0 flex-col">
      <div className="flex items-center gap-1 p-3 pb-2">
        <SearchInput
          label="Search node types"
          placeholder="Search"
          value={text}
          onChange={setText}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && first !== undefined && text !== '') add(first)
          }}
          className="grow"
        />
        <IconButton
          icon={PanelLeftClose}
          label="Hide the palette"
          onClick={() => setPrefs({ palette: false })}
        />
      </div>
      {/* the buttons inside have the keys; arrows lead from one to the next, so that Tab passes by all but the first */}
      {/* eslint-disable-next-line jsx-a11y/no-static-element-interactions */}
      <div onKeyDown={walk} className="min-h-0 grow overflow-y-auto px-3 pb-4">
        {groups.map(({ title, types }, group) => (
          <section key={title} aria-label={title} className="pt-2">
            <h2 className="px-1 pb-1 text-meta font-medium text-text-muted">{title}</h2>
            <ul className="grid gap-0.5">
              {types.map((type, index) => (
                <PaletteItem
                  key={type.type}
                  type={type}
                  favourite={favourites.includes(type.type)}
                  first={group === 0 && index === 0}
                />
              ))}
            </ul>
          </section>
        ))}
        {groups.length === 0 && (
          <p className="px-1 pt-3 text-dense text-text-muted">Nothing is called “{text}”.</p>
        )}
        {text === '' && <Drawings />}
      </div>
    </nav>
  )
}

/** Arrow keys lead up and down the list, and to the star of an item and back. */
function walk(event: KeyboardEvent<HTMLElement>): void {
  const item = event.target instanceof Element ? event.target.closest('li') : null
  const items = [...event.currentTarget.querySelectorAll<HTMLElement>('[data-type]')]
  const at = items.findIndex((each) => item?.contains(each) === true)
  const next = {
    ArrowDown: items[at + 1],
    ArrowUp: at > 0 ? items[at - 1] : undefined,
    ArrowRight: item?.querySelector<HTMLElement>('[data-star]'),
    ArrowLeft: items[at],
  }[event.key]
  if (at < 0 || next == null) return
  event.preventDefault()
  next.focus()
}

const ITEM =
  'flex min-h-8 w-full items-center gap-2.5 rounded-control px-2 py-1 text-left text-dense select-none hover:bg-sunken'

interface PaletteItemProps {
  type: NodeType
  favourite: boolean
  /** The one that Tab leads to. */
  first: boolean
}

function PaletteItem({ type, favourite, first }: PaletteItemProps) {
  const add = useAdding()
  const { placing, start } = usePlacing(type)
  const doubt = doubtOf(type)
  const toggle = () => {
    const { favourites } = usePrefs.getState()
    const others = favourites.filter((name) => name !== type.type)
    setPrefs({ favourites: favourite ? others : [...others, type.type] })
  }
  return (
    <li className="group/item relative">
      <button
        type="button"
        data-type={type.type}
        tabIndex={first ? 0 : -1}
        title={doubt ?? type.description}
        onPointerDown={start}
        onClick={() => add(type)}
        className={cx(ITEM, 'touch-none pr-8', doubt !== null && 'text-text-muted')}
      >
        <KindIcon name={type.icon} size={16} className="shrink-0 text-text-muted" />
        <span className="truncate">{type.title}</span>
        {doubt !== null && (
          <TriangleAlert aria-hidden size={13} className="ml-auto shrink-0 text-status-warn" />
        )}
      </button>
      <button
        type="button"
        data-star
        tabIndex={-1}
        aria-pressed={favourite}
        aria-label={favourite ? `${type.title} is a favourite` : `Make ${type.title} a favourite`}
        onClick={toggle}
        className={cx(
          'absolute top-1 right-1 grid size-6 place-items-center rounded-control text-text-muted hover:text-text',
          !favourite && 'opacity-0 group-hover/item:opacity-100 focus-visible:opacity-100',
        )}
      >
        <Star aria-hidden size={13} fill={favourite ? 'currentColor' : 'none'} />
      </button>
      {placing !== null &&
        createPortal(
          <div aria-hidden className="placing-ghost" style={{ left: placing.x, top: placing.y }}>
            <KindIcon name={type.icon} size={18} />
            {type.title}
          </div>,
          document.body,
        )}
    </li>
  )
}

function Drawings() {
  const { editing, view } = useOpenWorkflow()
  const addNote = () => {
    const note = newNote(view.get()?.centre() ?? { x: 0, y: 0 })
    editing.insert('Add a note', added([note]), [note.id])
  }
  return (
    <section aria-label="Drawings" className="pt-2">
      <h2 className="px-1 pb-1 text-meta font-medium text-text-muted">Drawings</h2>
      <button type="button" className={ITEM} onClick={addNote}>
        <StickyNote aria-hidden size={16} className="text-text-muted" />
        Note
      </button>
    </section>
  )
}
