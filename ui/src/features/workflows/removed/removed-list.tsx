import { cx } from '@/lib/format/classes'
import { formatCount } from '@/lib/format/numbers'
import { walkRows } from '@/components/objects/list-and-detail'
import { GROUPS, groupsOf, readObject } from './describe'
import type { RemovedObject } from '@/api/removals'

interface RemovedListProps {
  items: readonly RemovedObject[]
  selected: RemovedObject | null
  onSelect: (item: RemovedObject) => void
  /** Nodes that are to come back. */
  chosen: ReadonlySet<string>
  onChoose: (nodeId: string, wanted: boolean) => void
}

/** Everything a run has removed, by what can be done about it; nodes that can come back are ticked off here. */
export function RemovedList({ items, ...rest }: RemovedListProps) {
  return (
    // arrows walk; every row is a button of its own
    // eslint-disable-next-line jsx-a11y/no-static-element-interactions
    <div onKeyDown={walkRows} className="pb-3">
      {groupsOf(items).map((group) => (
        <section key={group.can} aria-label={`${GROUPS[group.can]}, ${group.items.length}`}>
          <h3 className="sticky top-0 z-10 flex h-9 items-center gap-2 bg-surface px-4 text-dense">
            <span className="font-semibold">{GROUPS[group.can]}</span>
            <span className="tabular text-text-muted">{formatCount(group.items.length)}</span>
          </h3>
          <ul>
            {group.items.map((item, index) => (
              // the same object may have gone from two clusters
              <Row key={`${index} ${item.object}`} item={item} {...rest} />
            ))}
          </ul>
        </section>
      ))}
    </div>
  )
}

interface RowProps extends Omit<RemovedListProps, 'items'> {
  item: RemovedObject
}

function Row({ item, selected, onSelect, chosen, onChoose }: RowProps) {
  const { kind, namespace, name } = readObject(item.object)
  const current = item.object === selected?.object
  return (
    <li
      className={cx(
        'flex min-h-row items-stretch border-l-2',
        current ? 'border-accent bg-sunken' : 'border-transparent hover:bg-sunken',
      )}
    >
      {item.can === 'undo' ? (
        <label className="grid w-10 shrink-0 cursor-pointer place-items-center">
          <input
            type="checkbox"
            aria-label={`Put back ${name}, ${kind}`}
            checked={chosen.has(item.node_id)}
            onChange={(event) => onChoose(item.node_id, event.target.checked)}
            className="size-4 accent-accent"
          />
        </label>
      ) : (
        <span className="w-10 shrink-0" />
      )}
      <button
        type="button"
        data-walk
        data-object={item.object}
        aria-current={current ? 'true' : undefined}
        onClick={() => onSelect(item)}
        className="min-w-0 grow py-1 pr-4 text-left -outline-offset-2"
      >
        <span className="block truncate text-dense font-medium">{name}</span>
        <span className="block truncate text-meta text-text-muted">
          {kind}
          {namespace !== null && <> · {namespace}</>}
        </span>
      </button>
    </li>
  )
}
