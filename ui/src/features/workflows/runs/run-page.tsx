import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { useNavigate, useParams, useSearchParams } from 'react-router-dom'
import { clusterQuery } from '@/api/clusters'
import type { RunDocument, RunHead } from '@/api/read-run'
import { planItemsQuery } from '@/api/runs'
import { workflowQuery, type Workflow } from '@/api/workflows'
import { LogPanel } from '@/components/log/log-panel'
import { Row, Rows } from '@/components/objects/part'
import { itemsOf, type PlanItem } from '@/components/objects/plan-item'
import { Page, Panel, usePage } from '@/components/page/page'
import { StatusMark } from '@/components/status/status-mark'
import { ButtonLink } from '@/components/ui/button'
import { Banner, ErrorPanel } from '@/components/ui/panels'
import { Loading, Skeleton } from '@/components/ui/skeleton'
import { Tabs } from '@/components/ui/tabs'
import { Time } from '@/components/ui/time'
import { toApiError } from '@/lib/api/error'
import { formatDuration } from '@/lib/time/time'
import { useNow } from '@/lib/time/use-now'
import { graphOf } from '../graph/graph'
import { nameOf } from '../graph/mirrors'
import { intentOf, summaryOf } from '../open/runs/describe-run'
import { kindOf, startedBy, stateOf, tookOf } from './describe'
import { RunActions } from './run-actions'
import { RunPlan } from './run-plan'
import { RunRemoved } from './run-removed'
import { RunSteps } from './run-steps'
import { useRunFeed } from './use-run-feed'

const TABS = ['steps', 'plan', 'log', 'removed'] as const
const UNREADABLE = new Error('The answer of the server cannot be read. Reload the page.')

/** One run: how it went, what was planned, what it said, what it has removed. */
export function RunPage() {
  const { workflowId = '', runId = '' } = useParams()
  const { data: workflow } = useQuery(workflowQuery(workflowId))
  const { data, error, isFetching, refetch } = useRunFeed(workflowId, runId)
  const name = workflow?.name ?? 'Workflow'
  const title = data == null ? 'Run' : `${kindOf(data.head)} v${data.head.version}`
  usePage(
    `${title} of ${name}`,
    useMemo(
      () => [
        { label: 'Workflows', to: '/workflows' },
        { label: name, to: `/workflows/${workflowId}` },
        { label: 'Runs', to: `/workflows/${workflowId}/runs` },
        { label: title },
      ],
      [name, workflowId, title],
    ),
  )
  const problem = data === undefined ? error : data === null ? UNREADABLE : null
  if (data != null) return <Found title={title} run={data} workflow={workflow} />
  return (
    <Page title="Run">
      <Panel>
        {problem === null ? (
          <Loading label="Loading the run">
            <div className="grid gap-3 p-5">
              <Skeleton className="h-5 w-1/3" />
              <Skeleton className="h-24 w-full" />
            </div>
          </Loading>
        ) : (
          <ErrorPanel
            error={toApiError(problem)}
            what="this run"
            busy={isFetching}
            onRetry={() => void refetch()}
          >
            <ButtonLink to="/runs">All runs</ButtonLink>
          </ErrorPanel>
        )}
      </Panel>
    </Page>
  )
}

/** What it has done, or was to do where it did not come to its end. */
function wordsOf({ status, planSummary }: RunHead): string {
  const words = status === 'completed' ? summaryOf(planSummary) : intentOf(planSummary)
  return words === '' ? 'Nothing is known of what it changes.' : words
}

interface FoundProps {
  title: string
  run: RunDocument
  workflow: Workflow | undefined
}

function Found({ title, run: { head, nodes, logs }, workflow }: FoundProps) {
  const navigate = useNavigate()
  const [query, setQuery] = useSearchParams()
  const plan = useQuery({ ...planItemsQuery(head.id, head.planDigest), select: itemsOf })
  const named = useNames(plan.data, workflow)
  const tab = TABS.find((each) => each === query.get('tab')) ?? 'steps'
  return (
    <Page
      title={title}
      description={wordsOf(head)}
      actions={<RunActions head={head} deployed={workflow?.deployed_version ?? null} />}
    >
      <Facts head={head} named={named} />
      <Tabs
        label="About this run"
        value={tab}
        onChange={(next) => setQuery(next === 'steps' ? {} : { tab: next }, { replace: true })}
        tabs={[
          { value: 'steps', label: 'Steps', content: <RunSteps nodes={nodes ?? {}} nameOf={named} /> },
          {
            value: 'plan',
            label: 'Plan',
            content:
              plan.data !== undefined ? (
                <RunPlan items={plan.data} />
              ) : plan.error === null ? (
                <Loading label="Loading the plan">
                  <Skeleton className="h-24 w-full" />
                </Loading>
              ) : (
                <ErrorPanel
                  error={toApiError(plan.error)}
                  what="the plan"
                  busy={plan.isFetching}
                  onRetry={() => void plan.refetch()}
                />
              ),
          },
          {
            value: 'log',
            label: 'Log',
            content:
              logs === null || logs.length === 0 ? (
                <p className="text-dense text-text-muted">It has said nothing.</p>
              ) : (
                <div className="h-[32rem] max-h-[75vh] overflow-hidden rounded-card border border-line bg-surface pt-2">
                  <LogPanel
                    logs={logs}
                    nameOf={named}
                    onNode={(id) => void navigate(`/workflows/${head.workflowId}?node=${id}`)}
                    fileName={`${workflow?.name ?? 'run'}-v${head.version}.log`}
                  />
                </div>
              ),
          },
          {
            value: 'removed',
            label: 'Removed',
            content: (
              <RunRemoved
                workflowId={head.workflowId}
                runId={head.id}
                mark={`${head.workflowId} ${workflow?.revision ?? ''} ${head.status}`}
              />
            ),
          },
        ]}
      />
    </Page>
  )
}

/** The name people know a node by: as the plan called it then, else as the graph calls it now. */
function useNames(items: readonly PlanItem[] | undefined, workflow: Workflow | undefined) {
  return useMemo(() => {
    const names = new Map(
      workflow === undefined
        ? []
        : graphOf(workflow).nodes.map((node) => [node.id, nameOf(node.data, node.id)] as const),
    )
    for (const { nodeId, name } of items ?? []) if (nodeId !== null) names.set(nodeId, name)
    return (nodeId: string) => names.get(nodeId) ?? nodeId
  }, [items, workflow])
}

function Facts({ head, named }: { head: RunHead; named: (nodeId: string) => string }) {
  const now = useNow(1_000)
  const took = tookOf(head, now)
  const { data: cluster } = useQuery({ ...clusterQuery(head.clusterId), enabled: head.clusterId !== '' })
  return (
    <div className="mb-5 grid gap-3">
      {head.error !== null && (
        <Banner tone="bad">
          {head.error.nodeId !== null && <strong>{named(head.error.nodeId)}: </strong>}
          {head.error.message}
        </Banner>
      )}
      {head.attempts > 1 && (
        <Banner>Its worker died, and another one went on with it: attempt {head.attempts}.</Banner>
      )}
      <div className="max-w-180 rounded-control bg-surface">
        <Rows>
          <Row label="State">
            <StatusMark state={stateOf(head)} word={head.waiting ? 'Waits for its turn' : undefined} />
          </Row>
          <Row label="Started by">
            {startedBy(head)}, <Time at={head.createdAt} />
          </Row>
          {head.confirmedAt !== null && (
            <Row label="Confirmed by">
              {head.confirmedBy ?? 'Unknown'}, <Time at={head.confirmedAt} />
            </Row>
          )}
          <Row label="Took">{took === null ? 'Not begun' : formatDuration(took)}</Row>
          <Row label="Cluster / namespace">
            {cluster?.name ?? (head.clusterId || 'None')} / {head.namespace}
          </Row>
        </Rows>
      </div>
    </div>
  )
}
