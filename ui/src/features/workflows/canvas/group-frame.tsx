import { Handle, NodeResizer, Position, type Node, type NodeProps } from '@xyflow/react'
import { ChevronDown, ChevronRight } from 'lucide-react'
import { memo } from 'react'
import { StatusMark } from '@/components/status/status-mark'
import { sortCounts } from '@/components/status/states'
import { count } from '@/lib/format/numbers'
import { folded } from '../graph/groups'
import { useLock, useStatus } from '../open/hooks'
import { useOpenWorkflow } from '../open/open-workflow'
import { sumOf } from '../open/status'
import { InPlace } from './in-place'

export type GroupData = { title: string; collapsed: boolean; members: readonly string[] }
export type GroupFlowNode = Node<GroupData, 'group'>

/** A frame with a title; folded, it is a card with the worst state of all that stands in it. */
export const GroupFrame = memo(function GroupFrame({ id, data, selected }: NodeProps<GroupFlowNode>) {
  const { editing, graph } = useOpenWorkflow()
  const locked = useLock() !== null
  const { title, collapsed, members } = data
  const Chevron = collapsed ? ChevronRight : ChevronDown
  return (
    <section
      data-group={id}
      data-chosen={selected || undefined}
      data-folded={collapsed || undefined}
      aria-label={`Group ${title}, ${count(members.length, 'node')}`}
      className="group-frame"
    >
      {!locked && !collapsed && (
        <NodeResizer
          isVisible={selected}
          minWidth={160}
          minHeight={80}
          onResizeEnd={(_event, { x, y, width, height }) => {
            editing.change(id, `Resize ${title}`, (before) => ({
              ...before,
              width: Math.round(width),
              height: Math.round(height),
            }))
            editing.move(new Map([[id, { x, y }]]))
          }}
        />
      )}
      {SIDES.map(([name, side]) => (
        <span key={name} className="contents">
          <Handle id={`${name}-out`} type="source" position={side} isConnectable={false} />
          <Handle id={`${name}-in`} type="target" position={side} isConnectable={false} />
        </span>
      ))}
      <header>
        <button
          type="button"
          aria-expanded={!collapsed}
          aria-label={collapsed ? `Unfold ${title}` : `Fold ${title}`}
          className="nodrag group-fold"
          onClick={(event) => {
            event.stopPropagation()
            const label = collapsed ? `Unfold ${title}` : `Fold ${title}`
            editing.insert(label, folded(id, !collapsed, graph.getState().catalogue), [])
          }}
        >
          <Chevron aria-hidden size={15} />
        </button>
        <InPlace
          text={title}
          label="Title of the group"
          locked={locked}
          onDone={(next) => editing.change(id, 'Rename a group', (before) => ({ ...before, title: next }))}
        />
        <span className="text-meta text-text-muted">{members.length}</span>
      </header>
      {collapsed && <Worst members={members} />}
    </section>
  )
})

function Worst({ members }: { members: readonly string[] }) {
  const worst = useStatus(
    ({ statuses, unheardSince }) =>
      sortCounts(sumOf(members, statuses, unheardSince))[0]?.[0] ?? 'not_deployed',
  )
  return (
    <p className="flex items-center gap-3">
      <StatusMark state={worst} staleSince={null} />
    </p>
  )
}

const SIDES = [
  ['left', Position.Left],
  ['right', Position.Right],
  ['top', Position.Top],
  ['bottom', Position.Bottom],
] as const
