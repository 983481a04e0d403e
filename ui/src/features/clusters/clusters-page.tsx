import { useInfiniteQuery } from '@tanstack/react-query'
import { Boxes, Plus } from 'lucide-react'
import { useState } from 'react'
import { Page, usePage } from '@/components/page/page'
import { PagedList } from '@/components/table/paged-list'
import { ButtonLink } from '@/components/ui/button'
import { EmptyPanel } from '@/components/ui/panels'
import { Loading, Skeleton } from '@/components/ui/skeleton'
import { clustersQuery, type Cluster } from '@/api/clusters'
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
  return (
    <>
      <PagedList query={query} noun="cluster" loading={<ListSkeleton />} empty={<NothingYet />}>
        {(clusters) => <ClusterTable clusters={clusters} onDelete={setDeleting} />}
      </PagedList>
      {deleting && <DeleteCluster cluster={deleting} onClose={() => setDeleting(null)} />}
    </>
  )
}

function NothingYet() {
  return (
    <EmptyPanel icon={Boxes} title="No clusters yet" action={<Add />}>
      Connect a Kubernetes cluster with a kubeconfig or a token. Drawing workflows needs none; running them
      does.
    </EmptyPanel>
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
