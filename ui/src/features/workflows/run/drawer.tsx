import { OctagonX, TriangleAlert, X } from 'lucide-react'
import type { PointerEvent } from 'react'
import { IconButton } from '@/components/ui/button'
import { cx } from '@/lib/format/classes'
import { useGraph, useIssues, useRun } from '../open/hooks'
import { useOpenWorkflow } from '../open/open-workflow'
import { RunLog } from './run-log'

export type DrawerTab = 'run' | 'issues'

export function isDrawerTab(name: string | null): name is DrawerTab {
  return name === 'run' || name === 'issues'
}

const LEAST = 120
const STEP = 24

interface DrawerProps {
  tab: DrawerTab
  height: number
  onHeight: (height: number) => void
  onTab: (tab: DrawerTab) => void
  onClose: () => void
}

/** What belongs to the whole workflow and needs room: the log of its run, its issues. */
export function Drawer({ tab, height, onHeight, onTab, onClose }: DrawerProps) {
  const issues = useIssues()
  const version = useRun((state) => state.head?.version)
  const most = Math.round(window.innerHeight * 0.7)
  const limited = (wanted: number) => Math.min(most, Math.max(LEAST, wanted))
  const drag = (event: PointerEvent<HTMLElement>) => {
    if (event.buttons === 0) return
    event.currentTarget.setPointerCapture(event.pointerId)
    onHeight(limited(height - event.movementY))
  }
  const tabs = [
    { value: 'run' as const, label: version === undefined ? 'Run' : `Run v${version}` },
    { value: 'issues' as const, label: issues.length > 0 ? `Issues ${issues.length}` : 'Issues' },
  ]
  return (
    <section
      aria-label="Drawer"
      style={{ height: limited(height) }}
      className="relative flex shrink-0 flex-col border-t border-line bg-surface"
    >
      {/* a window splitter: https://www.w3.org/WAI/ARIA/apg/patterns/windowsplitter/ */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions */}
      <div
        role="separator"
        aria-orientation="horizontal"
        aria-label="Height of the drawer"
        aria-valuemin={LEAST}
        aria-valuemax={most}
        aria-valuenow={limited(height)}
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={0}
        onPointerDown={drag}
        onPointerMove={drag}
        onKeyDown={(event) => {
          if (event.key === 'ArrowUp') onHeight(limited(height + STEP))
          if (event.key === 'ArrowDown') onHeight(limited(height - STEP))
        }}
        className="absolute inset-x-0 -top-1 z-10 h-2 cursor-row-resize touch-none"
      />
      <div className="flex shrink-0 items-center gap-1 px-3 py-1.5">
        <div role="tablist" aria-label="Drawer" className="flex gap-1">
          {tabs.map(({ value, label }) => (
            <button
              key={value}
              type="button"
              role="tab"
              id={`drawer-${value}`}
              aria-selected={tab === value}
              aria-controls="drawer-panel"
              tabIndex={tab === value ? 0 : -1}
              onClick={() => onTab(value)}
              onKeyDown={(event) => {
                if (event.key === 'ArrowLeft' || event.key === 'ArrowRight')
                  onTab(value === 'run' ? 'issues' : 'run')
              }}
              className={cx(
                'h-7 rounded-control px-2.5 text-dense font-medium',
                tab === value ? 'bg-sunken text-text' : 'text-text-muted hover:text-text',
              )}
            >
              {label}
            </button>
          ))}
        </div>
        <span className="grow" />
        <IconButton icon={X} label="Close drawer" onClick={onClose} />
      </div>
      <div id="drawer-panel" role="tabpanel" aria-labelledby={`drawer-${tab}`} className="min-h-0 grow">
        {tab === 'run' ? <RunLog /> : <Issues />}
      </div>
    </section>
  )
}

function Issues() {
  const issues = useIssues()
  const { nameOf } = useGraph()
  const { show, editing, address } = useOpenWorkflow()
  if (issues.length === 0)
    return <p className="p-4 text-dense text-text-muted">Nothing is wrong with this graph.</p>
  return (
    <ul className="h-full divide-y divide-line overflow-y-auto border-t border-line">
      {issues.map((issue) => {
        const Icon = issue.severity === 'warning' ? TriangleAlert : OctagonX
        return (
          <li
            key={`${issue.node_id ?? ''} ${issue.edge_id ?? ''} ${issue.path ?? ''} ${issue.code}`}
            className="flex gap-2.5 px-4 py-2 text-dense"
          >
            <Icon
              aria-label={issue.severity === 'warning' ? 'Warning' : 'Error'}
              size={16}
              className={cx(
                'mt-0.5 shrink-0',
                issue.severity === 'warning' ? 'text-status-warn' : 'text-status-bad',
              )}
            />
            <p className="min-w-0">
              {issue.node_id != null && (
                <button
                  type="button"
                  onClick={() => issue.node_id != null && show(issue.node_id, 'configure')}
                  className="mr-1.5 font-semibold underline-offset-2 hover:underline"
                >
                  {nameOf(issue.node_id)}
                </button>
              )}
              {issue.message}
              {issue.remedy && (
                <button
                  type="button"
                  className="block font-medium underline underline-offset-2"
                  onClick={() => {
                    if (editing.mend(issue)) return
                    if (issue.node_id != null)
                      address.change({ node: issue.node_id, panel: 'configure', field: issue.path || null })
                    else if (issue.edge_id != null) address.change({ node: null, wire: issue.edge_id })
                  }}
                >
                  {issue.remedy.text}
                </button>
              )}
            </p>
          </li>
        )
      })}
    </ul>
  )
}
