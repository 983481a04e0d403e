import { Archive, ArchiveRestore, ExternalLink, Trash2 } from 'lucide-react'
import { Link, useNavigate } from 'react-router-dom'
import { StatusCounts } from '@/components/status/status-counts'
import { StatusMark } from '@/components/status/status-mark'
import { ActionsMenu, MenuItem, MenuLine } from '@/components/ui/menu'
import { Time } from '@/components/ui/time'
import type { Cluster } from '@/api/clusters'
import { count } from '@/lib/format/numbers'
import type { WorkflowItem } from '@/api/workflows'

/** What table and cards share. */
export interface RowProps {
  workflow: WorkflowItem
  /** The cluster it goes to; undefined while the clusters are not known, null when it has none. */
  cluster: Cluster | null | undefined
  onDelete: (workflow: WorkflowItem) => void
  onArchive: (workflow: WorkflowItem) => void
}

export function WorkflowName({ workflow }: { workflow: WorkflowItem }) {
  return (
    <>
      <Link
        to={`/workflows/${workflow.id}`}
        className="block truncate rounded-control text-body font-medium hover:text-accent hover:underline"
      >
        {workflow.name}
      </Link>
      {workflow.description && <p className="truncate text-meta text-text-muted">{workflow.description}</p>}
    </>
  )
}

/** How its nodes are, as last seen; nothing is said of nodes that were never deployed. */
export function LiveStatus({ workflow }: { workflow: WorkflowItem }) {
  if (!workflow.node_count && !Object.keys(workflow.status_counts ?? {}).length) {
    return <span className="text-meta text-text-muted">Empty</span>
  }
  return <StatusCounts counts={workflow.status_counts ?? {}} />
}

export function Target({ workflow, cluster }: Pick<RowProps, 'workflow' | 'cluster'>) {
  const name = cluster === null ? 'No cluster' : (cluster?.name ?? '…')
  return (
    <span className="block truncate">
      <span className={cluster === null ? 'text-text-muted' : undefined}>{name}</span>
      <span className="text-text-muted"> / {workflow.namespace}</span>
    </span>
  )
}

export function LastRun({ workflow }: { workflow: WorkflowItem }) {
  if (workflow.active_run_id) return <StatusMark state="running" variant="plain" />
  if (!workflow.last_run) return <span className="text-text-muted">Never run</span>
  return (
    <span className="flex flex-wrap items-center gap-x-2">
      <StatusMark state={workflow.last_run.status} variant="plain" />
      <Time at={workflow.last_run.finished_at} className="text-meta whitespace-nowrap text-text-muted" />
    </span>
  )
}

export function nodeWords(workflow: WorkflowItem): string {
  return count(workflow.node_count, 'node')
}

export function RowMenu({
  workflow,
  onDelete,
  onArchive,
}: Pick<RowProps, 'workflow' | 'onDelete' | 'onArchive'>) {
  const archived = workflow.status === 'archived'
  const navigate = useNavigate()
  return (
    <ActionsMenu of={workflow.name}>
      <MenuItem icon={ExternalLink} onSelect={() => void navigate(`/workflows/${workflow.id}`)}>
        Open
      </MenuItem>
      <MenuItem icon={archived ? ArchiveRestore : Archive} onSelect={() => onArchive(workflow)}>
        {archived ? 'Unarchive…' : 'Archive…'}
      </MenuItem>
      <MenuLine />
      <MenuItem icon={Trash2} danger onSelect={() => onDelete(workflow)}>
        Delete…
      </MenuItem>
    </ActionsMenu>
  )
}
