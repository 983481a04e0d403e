import { ArrowDown, ArrowUp, Plus, X } from 'lucide-react'
import { useLayoutEffect, useRef, useState, type KeyboardEvent, type ReactNode } from 'react'
import { Button, IconButton } from '@/components/ui/button'
import { announce } from '@/lib/a11y/announce'
import { newRowId } from '../row-ids'

interface RowProps {
  /** Which one it is: "port 2". */
  name: string
  index: number
  total: number
  readOnly: boolean
  onMove: (to: number) => void
  onRemove: () => void
  /** Its fields stand below each other in a box; else in one line. */
  boxed?: boolean
  children: ReactNode
}

const MOVES: Record<string, number> = { ArrowUp: -1, ArrowDown: 1 }

/** A row of a list: moved by buttons and by Alt with an arrow, and removed. */
export function Row({ name, index, total, readOnly, onMove, onRemove, boxed = false, children }: RowProps) {
  const row = useRef<HTMLLIElement>(null)
  const held = useRef<HTMLElement | null>(null)
  useLayoutEffect(() => {
    // what had focus keeps it when its row moves
    if (held.current?.isConnected) held.current.focus()
    held.current = null
  }, [index])
  const move = (to: number) => {
    if (to < 0 || to >= total || readOnly) return
    const active = document.activeElement
    held.current = active instanceof HTMLElement && row.current?.contains(active) === true ? active : null
    announce(`${name} is now ${to + 1} of ${total}`)
    onMove(to)
  }
  const byKey = (event: KeyboardEvent) => {
    const by = MOVES[event.key]
    if (!event.altKey || by === undefined) return
    event.preventDefault()
    event.stopPropagation()
    move(index + by)
  }
  const remove = () => {
    const list = row.current?.parentElement
    const box = list?.parentElement
    onRemove()
    // the row behind it takes its place; without one, what adds a row
    requestAnimationFrame(() => {
      const rows = list?.isConnected ? [...list.children] : []
      const next = rows[Math.min(index, rows.length - 1)] ?? box
      next?.querySelector<HTMLElement>('[data-remove], [data-add]')?.focus()
    })
  }
  const buttons = !readOnly && (
    <span className="flex shrink-0">
      {total > 1 && (
        <>
          <IconButton
            icon={ArrowUp}
            label={`Move ${name} up`}
            aria-disabled={index === 0 || undefined}
            onClick={() => move(index - 1)}
            className="w-7"
          />
          <IconButton
            icon={ArrowDown}
            label={`Move ${name} down`}
            aria-disabled={index === total - 1 || undefined}
            onClick={() => move(index + 1)}
            className="w-7"
          />
        </>
      )}
      <IconButton icon={X} label={`Remove ${name}`} data-remove onClick={remove} className="w-7" />
    </span>
  )
  return (
    // Alt with an arrow moves the row from any of its controls
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <li ref={row} onKeyDown={byKey} aria-label={name} className={boxed ? BOX : 'flex items-start gap-1'}>
      {boxed ? (
        <>
          <span className="col-span-full flex items-center justify-between gap-2">
            <span aria-hidden className="text-meta font-medium text-text-muted">
              {name.charAt(0).toUpperCase() + name.slice(1)}
            </span>
            {buttons}
          </span>
          {children}
        </>
      ) : (
        <>
          <span className="min-w-0 grow">{children}</span>
          {buttons}
        </>
      )}
    </li>
  )
}

const BOX = 'grid grid-cols-2 gap-3 rounded-control border border-line p-2.5'

export function AddButton({ children, onClick }: { children: ReactNode; onClick: () => void }) {
  return (
    <Button icon={Plus} data-add onClick={onClick} className="justify-self-start">
      {children}
    </Button>
  )
}

/** Ids of rows that follow their items when others come, go or move; `extra` rows have no item yet. */
export function useRowIds(items: readonly unknown[], extra = 0): string[] {
  const [known, setKnown] = useState(() => ({ items, ids: items.map(newRowId), spare: [newRowId()] }))
  let current = known
  if (items !== known.items) {
    current = { ...follow(known, items) }
    setKnown(current)
  }
  return [...current.ids, ...current.spare.slice(0, extra)]
}

type Known = { items: readonly unknown[]; ids: string[]; spare: string[] }

function follow({ items: before, ids, spare }: Known, items: readonly unknown[]): Known {
  // a row that had no item yet got one
  const grown = items.length === before.length + 1 && before.every((each, index) => each === items[index])
  if (grown) return { items, ids: [...ids, spare[0] ?? newRowId()], spare: [newRowId()] }
  const free = new Set(ids.keys())
  const take = (index: number | undefined) => {
    if (index === undefined || !free.delete(index)) return undefined
    return ids[index]
  }
  const kept = items.map((item, index) =>
    take(before[index] === item ? index : [...free].find((each) => before[each] === item)),
  )
  return { items, ids: kept.map((id, index) => id ?? take(index) ?? newRowId()), spare }
}

/** A list with one of its items elsewhere. */
export function moved<Item>(items: readonly Item[], from: number, to: number): Item[] {
  const copy = [...items]
  const [item] = copy.splice(from, 1)
  if (item !== undefined) copy.splice(to, 0, item)
  return copy
}
