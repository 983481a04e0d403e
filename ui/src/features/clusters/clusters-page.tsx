import { useInfiniteQuery } from '@tanstack/react-query'
import { Boxes, Plus } from 'lucide-react'
import { useState } from 'react'
import { Page, Panel, usePage } from '@/components/page/page'
import { More } from '@/components/table/table'
import { ButtonLink } from '@/components/ui/button'
import { EmptyPanel, ErrorPanel, StaleBanner } from '@/components/ui/panels'
import { Loading, Skeleton } from '@/components/ui/skeleton'
import { clustersQuery, type Cluster } from '@/lib/api/clusters'
import { toApiError } from '@/lib/api/error'
import { ClusterTable } from './cluster-table'
import { DeleteCluster } from './delete-cluster'

const CRUMBS = [{ label: 'Clusters', to: '/clusters' }]

/** The list of clusters. */
export function ClustersPage() {
  usePage('Clusters', CRUMBS)
  return (
    <Page
      title="Clusters"
      description="Where workflows run, and how each was when it was last asked."
      actions={<Add />}
    >
      <ClusterList />
    </Page>
  )
}

function Add() {
  return (
    <ButtonLink to="/clusters/new" variant="primary" icon={Plus}>
      Add cluster
    </ButtonLink>
  )
}

function ClusterList() {
  const query = useInfiniteQuery(clustersQuery)
  const [deleting, setDeleting] = useState<Cluster | null>(null)
  const { data, error, refetch } = query
  const clusters = data?.pages.flatMap((page) => page.items) ?? []
  const retry = () => void refetch()
  return (
    <>
      {data && error && <StaleBanner at={query.dataUpdatedAt} error={toApiError(error)} onRetry={retry} />}
      <Panel className="overflow-hidden">
        {!data && error && (
          <ErrorPanel error={toApiError(error)} what="the clusters" onRetry={retry} busy={query.isFetching} />
        )}
        {!data && !error && <ListSkeleton />}
        {data && !clusters.length && (
          <EmptyPanel icon={Boxes} title="No clusters yet" action={<Add />}>
            Connect a Kubernetes cluster with a kubeconfig or a token. Drawing workflows needs none; running
            them does.
          </EmptyPanel>
        )}
        {data && clusters.length > 0 && (
          <>
            <ClusterTable clusters={clusters} onDelete={setDeleting} />
            <div className="border-t border-line">
              <More
                shown={clusters.length}
                total={data.pages[0]?.total ?? clusters.length}
                noun={data.pages[0]?.total === 1 ? 'cluster' : 'clusters'}
                hasMore={query.hasNextPage}
                busy={query.isFetchingNextPage}
                onMore={() => void query.fetchNextPage()}
              />
            </div>
          </>
        )}
      </Panel>
      {deleting && <DeleteCluster cluster={deleting} onClose={() => setDeleting(null)} />}
    </>
  )
}

function ListSkeleton() {
  return (
    <Loading label="Loading clusters">
      <div className="h-9" />
      {Array.from({ length: 3 }, (_, index) => (
        <div key={index} className="flex h-14 items-center gap-6 border-t border-line px-4">
          <Skeleton className="h-4 w-1/4" />
          <Skeleton className="h-5 w-24 rounded-full" />
          <Skeleton className="ml-auto h-4 w-1/6 max-md:hidden" />
          <Skeleton className="h-4 w-20 max-md:hidden" />
        </div>
      ))}
    </Loading>
  )
}
