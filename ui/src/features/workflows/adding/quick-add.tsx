import { useId, useMemo, useState } from 'react'
import { KindIcon } from '@/components/objects/kind-icon'
import { Input } from '@/components/ui/input'
import { cx } from '@/lib/format/classes'
import { usePrefs } from '@/lib/storage/prefs'
import { typesFor } from '../graph/fitting'
import type { NodeType, Position } from '../graph/types'
import type { LooseWire } from '../open/canvas-store'
import { useGraph } from '../open/hooks'
import { Floating } from './floating'
import { allTypes, foundTypes, groupsOf } from './type-list'
import { useAdding } from './use-adding'

interface QuickAddProps {
  point: Position
  /** A wire that was let go over nothing: only what it can end at is offered. */
  from: LooseWire | null
  onClose: () => void
}

type Option = { type: NodeType; word: string }

/** Add a node by typing a few letters, where the pointer is. */
export function QuickAdd({ point, from, onClose }: QuickAddProps) {
  const add = useAdding()
  const listId = useId()
  const [text, setText] = useState('')
  const [at, setAt] = useState(0)
  const options = useOptions(from, text)
  const chosen = options[Math.min(at, options.length - 1)]
  const take = (option: Option | undefined) => {
    if (option === undefined) return
    onClose()
    add(option.type, point, from)
  }
  const step = (by: number) =>
    setAt((Math.min(at, options.length - 1) + by + options.length) % options.length)
  return (
    <Floating point={point} label="Add a node" onClose={onClose} className="w-72 p-2">
      <Input
        role="combobox"
        aria-expanded
        aria-controls={listId}
        aria-activedescendant={chosen && `${listId}-${chosen.type.type}`}
        aria-label="Node type"
        placeholder={from === null ? 'Add a node…' : 'Wire it to a new…'}
        // it was asked for by a key or a pointer just now, to type into
        // eslint-disable-next-line jsx-a11y/no-autofocus
        autoFocus
        autoComplete="off"
        value={text}
        onChange={(event) => {
          setText(event.target.value)
          setAt(0)
        }}
        onKeyDown={(event) => {
          if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
            event.preventDefault()
            if (options.length > 0) step(event.key === 'ArrowDown' ? 1 : -1)
          } else if (event.key === 'Enter') {
            event.preventDefault()
            take(chosen)
          }
        }}
      />
      <div id={listId} role="listbox" aria-label="Node types" className="mt-2 max-h-72 overflow-y-auto">
        {options.map((option) => (
          // the field above has the keys
          // eslint-disable-next-line jsx-a11y/click-events-have-key-events
          <div
            key={option.type.type}
            id={`${listId}-${option.type.type}`}
            role="option"
            tabIndex={-1}
            aria-selected={option === chosen}
            onClick={() => take(option)}
            className={cx(
              'flex min-h-8 cursor-default items-center gap-2.5 rounded-control px-2 py-1 text-dense',
              option === chosen ? 'bg-sunken' : 'hover:bg-sunken',
            )}
          >
            <KindIcon name={option.type.icon} size={16} className="shrink-0 text-text-muted" />
            <span className="grow truncate">{option.type.title}</span>
            <span className="shrink-0 text-meta text-text-muted">{option.word}</span>
          </div>
        ))}
      </div>
      {options.length === 0 && (
        <p className="px-2 py-1 text-dense text-text-muted">
          {from === null || text !== '' ? `Nothing is called “${text}”.` : 'Nothing new can be wired here.'}
        </p>
      )}
    </Floating>
  )
}

/** What can be added, the best first; what a wire can end at, when it comes from one. */
function useOptions(from: LooseWire | null, text: string): Option[] {
  const { graph, catalogue } = useGraph()
  const favourites = usePrefs((prefs) => prefs.favourites)
  const recents = usePrefs((prefs) => prefs.recents)
  return useMemo(() => {
    const fitting = from === null ? null : typesFor(graph, catalogue, from)
    const labels = new Map(fitting?.map(({ type, rule }) => [type.type, rule.label]))
    const types = fitting?.map(({ type }) => type) ?? allTypes(catalogue)
    const found =
      text.trim() === ''
        ? [...new Set(groupsOf(types, { favourites, recents }).flatMap((group) => group.types))]
        : foundTypes(types, text)
    return found.map((type) => ({ type, word: labels.get(type.type) ?? type.category }))
  }, [from, graph, catalogue, favourites, recents, text])
}
