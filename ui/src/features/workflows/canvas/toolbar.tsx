import { useQuery } from '@tanstack/react-query'
import { ArrowLeft, History, ListTree, TriangleAlert, OctagonX, Workflow } from 'lucide-react'
import type { ReactNode } from 'react'
import { useNavigate } from 'react-router-dom'
import { PageHeading } from '@/components/page/page'
import { Button, IconButton } from '@/components/ui/button'
import { Tooltip } from '@/components/ui/tooltip'
import { useMediaQuery } from '@/lib/a11y/use-media-query'
import { ConnectionChip } from '@/components/status/connection-chip'
import { count } from '@/lib/format/numbers'
import { LifecycleBadge } from '@/components/status/lifecycle-badge'
import { useIssues, useWorkflow } from '../open/hooks'
import { clusterQuery } from '@/api/clusters'
import { People } from './people'
import { StatusSum } from './status-sum'

interface ToolbarProps {
  outline: boolean
  onOutline: (outline: boolean) => void
  onIssues: () => void
  onVersions: () => void
  /** What can be done with the workflow as a whole. */
  children: ReactNode
}

/** What holds for the whole workflow: where it runs, how it is, what can be done with it. */
export function Toolbar({ outline, onOutline, onIssues, onVersions, children }: ToolbarProps) {
  const workflow = useWorkflow()
  const navigate = useNavigate()
  const wide = useMediaQuery('(min-width: 1024px)')
  return (
    <div
      role="toolbar"
      aria-label="Workflow"
      className="z-10 flex shrink-0 flex-wrap items-center gap-x-3 gap-y-1.5 border-b border-line bg-surface px-3 py-2 lg:min-h-13"
    >
      <IconButton icon={ArrowLeft} label="Back to workflows" onClick={() => void navigate('/workflows')} />
      <div className="min-w-0 max-sm:min-w-40 max-sm:flex-1">
        <PageHeading className="max-w-80 truncate !text-title">{workflow.name}</PageHeading>
        <Place />
      </div>
      <span className="max-sm:hidden">
        <Lifecycle />
      </span>
      <div className="ml-auto flex items-center gap-2 sm:order-last">
        {/* on narrower screens the top bar has it */}
        {wide && <ConnectionChip />}
        <People />
        <IconButton
          icon={outline ? Workflow : ListTree}
          label={outline ? 'Show the graph' : 'Show as a list'}
          onClick={() => onOutline(!outline)}
        />
        <IconButton icon={History} label="Versions" onClick={onVersions} />
        {children}
      </div>
      <div className="flex min-w-0 items-center gap-x-2 gap-y-1 overflow-x-auto max-sm:w-full max-sm:flex-wrap">
        <IssueCount onIssues={onIssues} />
        <StatusSum />
      </div>
    </div>
  )
}

/** What is deployed makes it live, whatever the stored word says. */
function Lifecycle() {
  const workflow = useWorkflow()
  const deployed = workflow.deployed_version
  return (
    <LifecycleBadge
      status={deployed !== null && workflow.status === 'draft' ? 'published' : workflow.status}
      version={deployed ?? workflow.current_version}
    />
  )
}

function Place() {
  const workflow = useWorkflow()
  const { cluster_id: clusterId } = workflow
  const { data } = useQuery({ ...clusterQuery(clusterId ?? ''), enabled: clusterId !== null })
  return (
    <p className="flex min-h-4 items-center gap-1.5 truncate text-meta text-text-muted">
      {clusterId === null ? 'No cluster' : (data?.name ?? '…')} / {workflow.namespace}
      {data?.simulated === true && (
        <Tooltip text="The nodes of this cluster are simulated: pods only say that they run.">
          <button
            type="button"
            className="rounded-full border border-dashed border-line-strong px-1.5 leading-[14px]"
          >
            simulated
          </button>
        </Tooltip>
      )}
    </p>
  )
}

function IssueCount({ onIssues }: { onIssues: () => void }) {
  const issues = useIssues()
  const errors = issues.filter((issue) => issue.severity !== 'warning').length
  const warnings = issues.length - errors
  if (issues.length === 0) return null
  return (
    <Button
      variant="ghost"
      icon={errors > 0 ? OctagonX : TriangleAlert}
      onClick={onIssues}
      className={errors > 0 ? 'text-status-bad' : 'text-status-warn'}
    >
      {errors > 0 ? count(errors, 'error') : count(warnings, 'warning')}
    </Button>
  )
}
