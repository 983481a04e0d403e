import { ChevronRight } from 'lucide-react'
import { useState, type ReactNode } from 'react'
import { cx } from '@/lib/format/classes'
import { formatCount } from '@/lib/format/numbers'
import { Glyph } from './glyph'
import { groupsOf, type ItemGroup } from './plan-groups'
import { ACTIONS } from './actions'
import type { PlanItem } from './plan-item'
import { walkRows } from './list-and-detail'

interface PlanListProps {
  items: readonly PlanItem[]
  selected: PlanItem | null
  onSelect: (item: PlanItem) => void
  /** What stands at the end of a row. */
  aside?: (item: PlanItem) => ReactNode
}

/** Every object of a plan, by what is done with it. */
export function PlanList({ items, ...rest }: PlanListProps) {
  return (
    // arrows walk; every row is a button of its own
    // eslint-disable-next-line jsx-a11y/no-static-element-interactions
    <div onKeyDown={walkRows} className="pb-3">
      {groupsOf(items).map((group) => (
        <Group key={group.action} group={group} {...rest} />
      ))}
    </div>
  )
}

interface GroupProps extends Omit<PlanListProps, 'items'> {
  group: ItemGroup
}

function Group({ group, selected, onSelect, aside }: GroupProps) {
  const look = ACTIONS[group.action]
  const foldable = group.action === 'unchanged'
  const [open, setOpen] = useState(!foldable)
  const shown = open || group.items.some((item) => item.object === selected?.object)
  const title = (
    <>
      <Glyph look={look} worded />
      <span className="font-semibold">{look.word}</span>
      <span className="tabular text-text-muted">{formatCount(group.items.length)}</span>
    </>
  )
  return (
    <section aria-label={`${look.word}, ${group.items.length}`}>
      <h3 className="sticky top-0 z-10 bg-surface text-dense">
        {foldable ? (
          <button
            type="button"
            data-walk
            aria-expanded={shown}
            onClick={() => setOpen(!shown)}
            className="flex h-9 w-full items-center gap-2 px-4 text-left -outline-offset-2 hover:bg-sunken"
          >
            {title}
            <ChevronRight
              aria-hidden
              size={15}
              className={cx('ml-auto text-text-muted transition-transform', shown && 'rotate-90')}
            />
          </button>
        ) : (
          <span className="flex h-9 items-center gap-2 px-4">{title}</span>
        )}
      </h3>
      {shown && (
        <ul>
          {group.items.map((item) => (
            <li key={item.object}>
              <Row item={item} selected={item.object === selected?.object} onSelect={onSelect}>
                {aside?.(item)}
              </Row>
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}

interface RowProps {
  item: PlanItem
  selected: boolean
  onSelect: (item: PlanItem) => void
  children: ReactNode
}

function Row({ item, selected, onSelect, children }: RowProps) {
  return (
    <button
      type="button"
      data-walk
      data-object={item.object}
      aria-current={selected ? 'true' : undefined}
      onClick={() => onSelect(item)}
      className={cx(
        'flex min-h-row w-full items-center gap-3 border-l-2 py-1 pr-4 pl-[42px] text-left -outline-offset-2',
        selected ? 'border-accent bg-sunken' : 'border-transparent hover:bg-sunken',
      )}
    >
      <span className="min-w-0 grow">
        <span className="block truncate text-dense font-medium">{item.name}</span>
        <span className="block truncate text-meta text-text-muted">
          {item.kind}
          {item.namespace !== null && <> · {item.namespace}</>}
        </span>
      </span>
      {children}
    </button>
  )
}
