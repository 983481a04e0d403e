import { useQuery, useQueryClient } from '@tanstack/react-query'
import { CircleDashed } from 'lucide-react'
import { memo, useMemo, useState } from 'react'
import { useParams } from 'react-router-dom'
import { clusterNodeTypesQuery, nodeTypesQuery } from '@/api/node-types'
import { workflowQuery } from '@/api/workflows'
import { PageHeading, usePage } from '@/components/page/page'
import { ButtonLink } from '@/components/ui/button'
import { EmptyPanel, ErrorPanel } from '@/components/ui/panels'
import { Loading, Skeleton } from '@/components/ui/skeleton'
import { toApiError } from '@/lib/api/error'
import { isClean } from './draft/draft-store'
import { useDraft } from './open/hooks'
import { createOpenWorkflow, OpenWorkflowContext, useOpenWorkflow } from './open/open-workflow'
import { useLiveFeed } from './open/use-live-feed'
import { PageLayout } from './page-layout'

/** One workflow: its graph with live status, its runs, its nodes in detail. */
export function WorkflowPage() {
  const { workflowId = '' } = useParams()
  const found = useQuery(workflowQuery(workflowId))
  const types = useQuery(nodeTypesQuery)
  useQuery({
    ...clusterNodeTypesQuery(found.data?.cluster_id ?? '', found.data?.namespace ?? ''),
    enabled: found.data != null && found.data.cluster_id !== null,
  })
  const name = found.data?.name ?? 'Workflow'
  usePage(
    name,
    useMemo(() => [{ label: 'Workflows', to: '/workflows' }, { label: name }], [name]),
  )
  const failed = found.data === undefined ? found.error : types.data === undefined ? types.error : null
  if (failed) {
    return (
      <>
        <PageHeading className="sr-only">Workflow</PageHeading>
        <ErrorPanel
          error={toApiError(failed)}
          what="this workflow"
          busy={found.isFetching || types.isFetching}
          onRetry={() => void Promise.all([found.refetch(), types.refetch()])}
        >
          <ButtonLink to="/workflows">All workflows</ButtonLink>
        </ErrorPanel>
      </>
    )
  }
  if (found.data === undefined || types.data === undefined) return <Skeletons />
  return <OpenPage key={workflowId} workflowId={workflowId} />
}

/** The page of a workflow that is loaded; from here on everybody reads what concerns them. */
const OpenPage = memo(function OpenPage({ workflowId }: { workflowId: string }) {
  const client = useQueryClient()
  const [open] = useState(() => createOpenWorkflow(client, workflowId))
  return (
    <OpenWorkflowContext value={open}>
      <LivePage />
    </OpenWorkflowContext>
  )
})

function LivePage() {
  const [gone, setGone] = useState('')
  const { saving } = useOpenWorkflow()
  const isSaved = useDraft(isClean)
  useLiveFeed(({ message }) => {
    setGone(message)
    // unsaved changes stay drawn, and say that they can go nowhere
    void saving.save()
  })
  return gone === '' || !isSaved ? <PageLayout /> : <Gone reason={gone} />
}

function Gone({ reason }: { reason: string }) {
  return (
    <>
      <PageHeading className="sr-only">Workflow</PageHeading>
      <EmptyPanel
        icon={CircleDashed}
        title="This workflow is gone"
        action={<ButtonLink to="/workflows">All workflows</ButtonLink>}
      >
        {reason}
      </EmptyPanel>
    </>
  )
}

function Skeletons() {
  return (
    <Loading label="Loading the workflow">
      <div className="flex h-13 items-center gap-3 border-b border-line bg-surface px-4">
        <Skeleton className="h-6 w-40" />
        <Skeleton className="ml-auto h-8 w-20" />
      </div>
      <div className="flex justify-center gap-24 pt-40 max-sm:flex-col max-sm:items-center max-sm:gap-6 max-sm:pt-6">
        {[0, 1, 2].map((card) => (
          <Skeleton key={card} className="h-36 w-60 !rounded-card" />
        ))}
      </div>
    </Loading>
  )
}
