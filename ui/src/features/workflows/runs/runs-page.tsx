import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { ListChecks, Workflow as WorkflowIcon } from 'lucide-react'
import { useMemo, type ReactNode } from 'react'
import { useParams } from 'react-router-dom'
import { runPagesQuery } from '@/api/runs'
import { workflowNamesQuery, workflowQuery } from '@/api/workflows'
import { Page, usePage } from '@/components/page/page'
import { PagedList } from '@/components/table/paged-list'
import { ButtonLink } from '@/components/ui/button'
import { EmptyPanel } from '@/components/ui/panels'
import { Loading, Skeleton } from '@/components/ui/skeleton'
import { RunTable } from './run-table'

const CRUMBS = [{ label: 'Runs', to: '/runs' }]

/** The runs of all one's workflows. */
export function AllRunsPage() {
  usePage('Runs', CRUMBS)
  const { data: names } = useQuery(workflowNamesQuery)
  const nameOf = (id: string) => (names === undefined ? '…' : (names.get(id) ?? 'A workflow that is gone'))
  return (
    <Page title="Runs" description="What was planned and done on clusters, newest first.">
      <RunList
        workflowId={null}
        nameOf={nameOf}
        action={
          <ButtonLink to="/workflows" icon={WorkflowIcon}>
            Open a workflow
          </ButtonLink>
        }
      />
    </Page>
  )
}

/** The runs of one workflow. */
export function RunsPage() {
  const { workflowId = '' } = useParams()
  const { data } = useQuery(workflowQuery(workflowId))
  const name = data?.name ?? 'Workflow'
  usePage(
    `Runs of ${name}`,
    useMemo(
      () => [
        { label: 'Workflows', to: '/workflows' },
        { label: name, to: `/workflows/${workflowId}` },
        { label: 'Runs' },
      ],
      [name, workflowId],
    ),
  )
  const graph = (
    <ButtonLink to={`/workflows/${workflowId}`} icon={WorkflowIcon}>
      Open the graph
    </ButtonLink>
  )
  return (
    <Page title="Runs" description={`What was planned and done for ${name}, newest first.`} actions={graph}>
      <RunList workflowId={workflowId} action={graph} />
    </Page>
  )
}

interface RunListProps {
  workflowId: string | null
  nameOf?: (workflowId: string) => string
  /** What to do first, when there is none. */
  action: ReactNode
}

function RunList({ workflowId, nameOf, action }: RunListProps) {
  const query = useInfiniteQuery(runPagesQuery(workflowId))
  return (
    <PagedList
      query={query}
      noun="run"
      loading={<Skeletons />}
      empty={
        <EmptyPanel icon={ListChecks} title="No runs yet" action={action}>
          Plan or run a workflow on its graph; what it does on the cluster is kept here.
        </EmptyPanel>
      }
    >
      {(runs) => <RunTable runs={runs} nameOf={nameOf} />}
    </PagedList>
  )
}

function Skeletons() {
  return (
    <Loading label="Loading runs">
      <div className="h-9" />
      {Array.from({ length: 5 }, (_, index) => (
        <div key={index} className="flex h-11 items-center gap-6 border-t border-line px-4">
          <Skeleton className="h-4 w-28" />
          <Skeleton className="h-5 w-24 rounded-full" />
          <Skeleton className="h-4 w-1/6 max-md:hidden" />
          <Skeleton className="ml-auto h-4 w-16" />
        </div>
      ))}
    </Loading>
  )
}
