import { Handle, Position, type Node, type NodeProps } from '@xyflow/react'
import { CircleSlash, KeyRound, TriangleAlert, OctagonX } from 'lucide-react'
import { memo } from 'react'
import { lookOf, type Tone } from '@/components/status/states'
import { StatusMark } from '@/components/status/status-mark'
import { CopyButton } from '@/components/ui/copy-button'
import { cx } from '@/lib/format/classes'
import { count } from '@/lib/format/numbers'
import type { CardModel } from '../graph/card'
import { Glyph } from '@/components/objects/glyph'
import type { Side } from './flow'
import { KindIcon } from '@/components/objects/kind-icon'
import { useCanvas, useLock } from '../open/hooks'
import { itemHandle } from './connecting'
import type { NodeStatus } from '@/api/read-status'
import { PeopleAt } from './people'
import { useShownStatus } from './use-shown-status'

export type CardData = {
  model: CardModel
  errors: number
  warnings: number
  wires: number
  /** It can be found out why it is as it is. */
  diagnosable: boolean
  /** Why its type cannot be used on the cluster; empty where it can. */
  unusable: string
  /** Secret keys without a value. */
  unset: number
  /** Where wires end. */
  sides: readonly Side[]
  /** The group it stands in. */
  parent: string | null
  /** What of it wires can begin at, beside the card as a whole. */
  items: readonly HandleItem[]
}

/** An item of a node that has a handle of its own. */
export type HandleItem = { handle: string; side: 'in' | 'out'; label: string }
export type CardFlowNode = Node<CardData, 'card'>

const EXPLAINED = new Set([
  'error',
  'degraded',
  'missing',
  'failed',
  'progressing',
  'pending',
  'waiting',
  'skipped',
])

const FAILING: ReadonlySet<Tone> = new Set(['bad', 'warn', 'missing'])

/** One node: what it is, how it is, its main values. It renders again only when something of its own changes. */
export const Card = memo(function Card({ id, data, selected: chosen }: NodeProps<CardFlowNode>) {
  const { model, errors, warnings, wires, unset } = data
  const { status, state, message, staleSince, faded } = useShownStatus(id)
  const selected = useCanvas((state) => state.selectedId === id)
  const active = useCanvas((state) => state.activeId === id)
  const marked = useCanvas((state) => state.marks[id])
  return (
    <article
      data-card={id}
      data-tone={staleSince === null ? lookOf(state).tone : 'idle'}
      data-state={state}
      data-stale={staleSince !== null || undefined}
      data-selected={selected || undefined}
      data-chosen={chosen || undefined}
      data-mark={marked?.glyph}
      data-faded={faded || undefined}
      className={cx('card', staleSince !== null && 'hatch')}
    >
      <Ports wired={data.sides} />
      <PeopleAt nodeId={id} />
      <header className="flex items-center gap-2.5">
        <span className="card-icon">
          <KindIcon name={model.icon} size={18} />
        </span>
        <span className="min-w-0 grow">
          <button
            type="button"
            data-card-button={id}
            tabIndex={active ? 0 : -1}
            aria-label={nameOfCard(model, state, status, staleSince, { issues: errors + warnings, wires })}
            aria-pressed={selected || chosen}
            className="card-name"
          >
            {model.title}
          </button>
          <span className="card-kind">
            {model.kind} · <span className="font-medium">{model.namespace}</span>
          </span>
        </span>
        {marked !== undefined && <Glyph look={marked} />}
        {data.unusable !== '' && (
          <span
            role="img"
            aria-label={data.unusable}
            title={data.unusable}
            className="card-badge text-status-warn"
          >
            <CircleSlash aria-hidden size={13} />
          </span>
        )}
        <Badges errors={errors} warnings={warnings} unset={unset} />
      </header>
      <div className="card-status">
        <StatusMark state={state} staleSince={staleSince} />
        {status?.desired != null && (
          <span className="tabular shrink-0 text-meta text-text-muted">
            ready {status.ready ?? 0}/{status.desired}
          </span>
        )}
      </div>
      {message !== '' && EXPLAINED.has(state) && (
        <p className="card-message" title={message}>
          {message}
        </p>
      )}
      {data.diagnosable && FAILING.has(lookOf(state).tone) && (
        // the canvas opens what it asks for
        <button
          type="button"
          data-why
          tabIndex={active ? 0 : -1}
          aria-label={`Why is ${model.title} ${lookOf(state).word.toLowerCase()}?`}
          className="card-why"
        >
          Why?
        </button>
      )}
      <Rows model={model} address={status?.address ?? null} />
      <Items items={data.items} />
      <span className="card-tile" aria-hidden>
        <KindIcon name={model.icon} size={64} strokeWidth={1.5} />
        <StatusMark state={state} staleSince={staleSince} variant="shape" size={52} />
      </span>
    </article>
  )
})

function Rows({ model, address }: { model: CardModel; address: string | null }) {
  if (model.rows.length === 0 && address === null) return null
  return (
    <dl className="card-rows">
      {model.rows.map(({ label, text, full, wired }) => (
        <div key={label} className="contents">
          <dt>{label}</dt>
          <dd title={wired ? `${full} (by a wire)` : full} className={cx(wired && 'italic')}>
            {text}
          </dd>
        </div>
      ))}
      {address !== null && (
        <div className="contents">
          <dt>Address</dt>
          <dd className="nodrag nopan relative flex min-w-0 items-center justify-end gap-0.5" data-address>
            <span className="truncate font-mono text-meta" title={address}>
              {address}
            </span>
            <span className="card-copy">
              <CopyButton text={address} label={`Copy address ${address}`} />
            </span>
          </dd>
        </div>
      )}
    </dl>
  )
}

function Badges({ errors, warnings, unset }: { errors: number; warnings: number; unset: number }) {
  return (
    <span className="flex shrink-0 gap-1">
      {unset > 0 && (
        <span className="card-badge text-status-warn" title={`${count(unset, 'key')} without a value`}>
          <KeyRound aria-hidden size={13} />
          {unset}
        </span>
      )}
      {errors > 0 && (
        <span className="card-badge text-status-bad" title={count(errors, 'error')}>
          <OctagonX aria-hidden size={13} />
          {errors}
        </span>
      )}
      {errors === 0 && warnings > 0 && (
        <span className="card-badge text-status-warn" title={count(warnings, 'warning')}>
          <TriangleAlert aria-hidden size={13} />
          {warnings}
        </span>
      )}
    </span>
  )
}

/** What wires can begin at, one below the other. */
function Items({ items }: { items: readonly HandleItem[] }) {
  const locked = useLock() !== null
  if (items.length === 0) return null
  return (
    <ul className="card-items">
      {items.map(({ handle, side, label }) => (
        <li key={handle}>
          {label}
          <Handle
            id={itemHandle(handle)}
            type={side === 'out' ? 'source' : 'target'}
            position={side === 'out' ? Position.Right : Position.Left}
            isConnectable={!locked}
            className="is-item"
          />
        </li>
      ))}
    </ul>
  )
}

/** Where wires attach; a wire takes the side that is nearer to its other end. */
function Ports({ wired }: { wired: readonly Side[] }) {
  const locked = useLock() !== null
  return (
    <>
      {SIDES.map(({ id, side }) => (
        <span key={id} className="contents">
          <Handle
            id={`${id}-out`}
            type="source"
            position={side}
            isConnectable={!locked}
            className={cx(wired.includes(id) && 'is-wired')}
          />
          <Handle id={`${id}-in`} type="target" position={side} isConnectable={false} />
        </span>
      ))}
    </>
  )
}

const SIDES = [
  { id: 'left', side: Position.Left },
  { id: 'right', side: Position.Right },
  { id: 'top', side: Position.Top },
  { id: 'bottom', side: Position.Bottom },
] as const

/** "web, Deployment, namespace shop, degraded, 1 of 2 ready, 2 issues, 3 wires" */
export function nameOfCard(
  model: CardModel,
  state: string,
  status: NodeStatus | undefined,
  staleSince: string | null,
  { issues, wires }: { issues: number; wires: number },
): string {
  return [
    model.title,
    model.kind,
    `namespace ${model.namespace}`,
    lookOf(state).word.toLowerCase() + (staleSince === null ? '' : ', stale'),
    status?.desired == null ? '' : `${status.ready ?? 0} of ${status.desired} ready`,
    issues > 0 ? count(issues, 'issue') : '',
    count(wires, 'wire'),
  ]
    .filter((part) => part !== '')
    .join(', ')
}
