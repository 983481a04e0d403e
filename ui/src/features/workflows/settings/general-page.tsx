import { useQuery } from '@tanstack/react-query'
import { Workflow as WorkflowIcon } from 'lucide-react'
import { useMemo } from 'react'
import { useParams } from 'react-router-dom'
import { workflowQuery } from '@/api/workflows'
import { Page, Panel, usePage } from '@/components/page/page'
import { ButtonLink } from '@/components/ui/button'
import { ErrorPanel } from '@/components/ui/panels'
import { Loading, Skeleton } from '@/components/ui/skeleton'
import { toApiError } from '@/lib/api/error'
import { SettingsForm } from './settings-form'

/** Settings of one workflow: what it is called, where it goes. */
export function GeneralPage() {
  const { workflowId = '' } = useParams()
  const { data, error, isFetching, refetch } = useQuery(workflowQuery(workflowId))
  const name = data?.name ?? 'Workflow'
  usePage(
    `Settings of ${name}`,
    useMemo(
      () => [
        { label: 'Workflows', to: '/workflows' },
        { label: name, to: `/workflows/${workflowId}` },
        { label: 'Settings' },
      ],
      [name, workflowId],
    ),
  )
  return (
    <Page
      title="Settings"
      description="What the workflow is called, and where it goes."
      narrow
      actions={
        <ButtonLink to={`/workflows/${workflowId}`} icon={WorkflowIcon}>
          Open the graph
        </ButtonLink>
      }
    >
      {data !== undefined ? (
        <SettingsForm key={workflowId} workflow={data} onReload={async () => (await refetch()).data} />
      ) : error === null ? (
        <Skeletons />
      ) : (
        <Panel>
          <ErrorPanel
            error={toApiError(error)}
            what="this workflow"
            busy={isFetching}
            onRetry={() => void refetch()}
          >
            <ButtonLink to="/workflows">All workflows</ButtonLink>
          </ErrorPanel>
        </Panel>
      )}
    </Page>
  )
}

function Skeletons() {
  return (
    <Loading label="Loading the settings">
      <Panel className="grid gap-5 p-5 sm:p-6">
        {['w-1/2', 'w-full', 'w-2/3', 'w-1/3'].map((width) => (
          <div key={width} className="grid gap-2">
            <Skeleton className="h-4 w-24" />
            <Skeleton className={`h-8 ${width}`} />
          </div>
        ))}
      </Panel>
    </Loading>
  )
}
