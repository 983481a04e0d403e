import { Cell, Head, Row, SortHead, Table } from '@/components/table/table'
import { Time } from '@/components/ui/time'
import type { Cluster } from '@/api/clusters'
import { formatCount } from '@/lib/format/numbers'
import type { WorkflowFilters, WorkflowItem } from '@/api/workflows'
import { LifecycleBadge } from '@/components/status/lifecycle-badge'
import {
  LastRun,
  LiveStatus,
  nodeWords,
  RowMenu,
  Target,
  WorkflowName,
  type RowProps,
} from './workflow-parts'

interface WorkflowTableProps {
  workflows: WorkflowItem[]
  clusterOf: (workflow: WorkflowItem) => Cluster | null | undefined
  sort: WorkflowFilters['sort']
  onSort: (sort: WorkflowFilters['sort']) => void
  onDelete: (workflow: WorkflowItem) => void
  onArchive: (workflow: WorkflowItem) => void
}

/** The list as a table, and as cards where the page is narrow. */
export function WorkflowTable({
  workflows,
  clusterOf,
  sort,
  onSort,
  onDelete,
  onArchive,
}: WorkflowTableProps) {
  const rows = workflows.map((workflow) => ({ workflow, cluster: clusterOf(workflow), onDelete, onArchive }))
  return (
    <>
      <div className="hidden md:block">
        <Table caption="Workflows">
          <thead>
            <tr>
              <SortHead by={['name', '-name']} sort={sort} onSort={onSort}>
                Name
              </SortHead>
              <Head className="w-28">Lifecycle</Head>
              <Head className="w-[20%]">Live status</Head>
              <Head className="w-[17%]">Cluster / namespace</Head>
              <Head className="w-16 text-right">Nodes</Head>
              <Head className="w-[17%]">Last run</Head>
              <SortHead by={['updated_at', '-updated_at']} sort={sort} onSort={onSort} className="w-28">
                Updated
              </SortHead>
              <Head className="w-12">
                <span className="sr-only">Actions</span>
              </Head>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <WorkflowRow key={row.workflow.id} {...row} />
            ))}
          </tbody>
        </Table>
      </div>
      <ul aria-label="Workflows" className="md:hidden">
        {rows.map((row) => (
          <WorkflowCard key={row.workflow.id} {...row} />
        ))}
      </ul>
    </>
  )
}

function WorkflowRow({ workflow, cluster, onDelete, onArchive }: RowProps) {
  return (
    <Row>
      <Cell>
        <WorkflowName workflow={workflow} />
      </Cell>
      <Cell>
        <LifecycleBadge
          status={workflow.status}
          version={workflow.deployed_version ?? workflow.current_version}
        />
      </Cell>
      <Cell>
        <LiveStatus workflow={workflow} />
      </Cell>
      <Cell>
        <Target workflow={workflow} cluster={cluster} />
      </Cell>
      <Cell className="tabular text-right">{formatCount(workflow.node_count)}</Cell>
      <Cell>
        <LastRun workflow={workflow} />
      </Cell>
      <Cell className="whitespace-nowrap text-text-muted">
        <Time at={workflow.updated_at} />
      </Cell>
      <Cell>
        <RowMenu workflow={workflow} onDelete={onDelete} onArchive={onArchive} />
      </Cell>
    </Row>
  )
}

function WorkflowCard({ workflow, cluster, onDelete, onArchive }: RowProps) {
  return (
    <li className="grid grid-cols-[minmax(0,1fr)] gap-2 border-t border-line px-4 py-3 first:border-t-0">
      <div className="flex items-start gap-2">
        <div className="min-w-0 grow">
          <WorkflowName workflow={workflow} />
        </div>
        <LifecycleBadge
          status={workflow.status}
          version={workflow.deployed_version ?? workflow.current_version}
        />
        <span className="-my-1 -mr-2">
          <RowMenu workflow={workflow} onDelete={onDelete} onArchive={onArchive} />
        </span>
      </div>
      <LiveStatus workflow={workflow} />
      <div className="flex flex-wrap justify-between gap-x-4 gap-y-1 text-meta text-text-muted">
        <span className="min-w-0 truncate">
          <Target workflow={workflow} cluster={cluster} />
        </span>
        <span>{nodeWords(workflow)}</span>
      </div>
      <div className="flex flex-wrap justify-between gap-x-4 gap-y-1 text-meta text-text-muted">
        <LastRun workflow={workflow} />
        <span>
          Updated <Time at={workflow.updated_at} />
        </span>
      </div>
    </li>
  )
}
