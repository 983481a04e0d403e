import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { FilterX, Plus, Workflow } from 'lucide-react'
import { lazy, Suspense, useState } from 'react'
import { useLocation, useMatch, useNavigate } from 'react-router-dom'
import { Page, usePage } from '@/components/page/page'
import { PagedList } from '@/components/table/paged-list'
import { Button, ButtonLink } from '@/components/ui/button'
import { EmptyPanel } from '@/components/ui/panels'
import { Loading, Skeleton } from '@/components/ui/skeleton'
import { clusterChoicesQuery } from '@/api/clusters'
import { workflowsQuery, type WorkflowItem } from '@/api/workflows'
import { FilterBar } from './filter-bar'
import { useFilters } from './use-filters'
import { WorkflowTable } from './workflow-table'

// forms weigh more than the list; they come when they are asked for
const ArchiveWorkflow = lazy(async () => ({
  default: (await import('./archive-workflow')).ArchiveWorkflow,
}))
const DeleteWorkflow = lazy(async () => ({
  default: (await import('./delete-workflow')).DeleteWorkflow,
}))
const NewWorkflow = lazy(async () => ({ default: (await import('./new-workflow')).NewWorkflow }))
const CRUMBS = [{ label: 'Workflows', to: '/workflows' }]

/** The list of workflows; under `/workflows/new` with the dialog that makes one. */
export function WorkflowsPage() {
  const creating = useMatch('/workflows/new') !== null
  usePage(creating ? 'New workflow' : 'Workflows', CRUMBS)
  const navigate = useNavigate()
  const { search } = useLocation()
  return (
    <Page
      title="Workflows"
      description="Applications as graphs, and how they are on their clusters."
      actions={
        <ButtonLink to={{ pathname: '/workflows/new', search }} variant="primary" icon={Plus}>
          New workflow
        </ButtonLink>
      }
    >
      <WorkflowList />
      <Suspense fallback={null}>
        {creating && (
          <NewWorkflow onClose={() => void navigate({ pathname: '/workflows', search }, { replace: true })} />
        )}
      </Suspense>
    </Page>
  )
}

function WorkflowList() {
  const { filters, change, clear, filtered } = useFilters()
  const { data: clusters } = useQuery(clusterChoicesQuery)
  const query = useInfiniteQuery(workflowsQuery(filters))
  const [deleting, setDeleting] = useState<WorkflowItem | null>(null)
  const [archiving, setArchiving] = useState<WorkflowItem | null>(null)
  const clusterOf = ({ cluster_id: id }: WorkflowItem) =>
    id === null ? null : clusters?.find((cluster) => cluster.id === id)
  const nothing = !filtered && query.data?.pages[0]?.items.length === 0
  return (
    <>
      {!nothing && <FilterBar filters={filters} clusters={clusters ?? []} onChange={change} />}
      <PagedList
        query={query}
        noun="workflow"
        loading={<ListSkeleton />}
        empty={filtered ? <NothingMatches onClear={clear} /> : <NothingYet />}
      >
        {(workflows) => (
          <WorkflowTable
            workflows={workflows}
            clusterOf={clusterOf}
            sort={filters.sort}
            onSort={(sort) => change({ sort })}
            onDelete={setDeleting}
            onArchive={setArchiving}
          />
        )}
      </PagedList>
      <Suspense fallback={null}>
        {archiving && <ArchiveWorkflow workflow={archiving} onClose={() => setArchiving(null)} />}
        {deleting && <DeleteWorkflow workflow={deleting} onClose={() => setDeleting(null)} />}
      </Suspense>
    </>
  )
}

function NothingYet() {
  return (
    <EmptyPanel
      icon={Workflow}
      title="No workflows yet"
      action={
        <ButtonLink to="/workflows/new" variant="primary" icon={Plus}>
          New workflow
        </ButtonLink>
      }
    >
      Draw the parts of an application, wire them, and run them on a cluster.
    </EmptyPanel>
  )
}

function NothingMatches({ onClear }: { onClear: () => void }) {
  return (
    <EmptyPanel
      icon={FilterX}
      title="Nothing matches"
      action={<Button onClick={onClear}>Clear search and filters</Button>}
    >
      No workflow has all of what you search for.
    </EmptyPanel>
  )
}

function ListSkeleton() {
  return (
    <Loading label="Loading workflows">
      <div className="h-9" />
      {Array.from({ length: 5 }, (_, index) => (
        <div key={index} className="flex h-14 items-center gap-6 border-t border-line px-4">
          <Skeleton className="h-4 w-1/4" />
          <Skeleton className="h-5 w-16 rounded-full" />
          <Skeleton className="h-4 w-1/6 max-md:hidden" />
          <Skeleton className="h-4 w-1/6 max-md:hidden" />
          <Skeleton className="ml-auto h-4 w-20" />
        </div>
      ))}
    </Loading>
  )
}
