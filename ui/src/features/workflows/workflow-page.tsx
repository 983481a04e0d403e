import { useQueries, useQuery } from '@tanstack/react-query'
import { Boxes, CircleDashed } from 'lucide-react'
import { lazy, Suspense, useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { useParams, useSearchParams } from 'react-router-dom'
import { PageHeading, usePage } from '@/components/page/page'
import { ButtonLink } from '@/components/ui/button'
import { EmptyPanel, ErrorPanel } from '@/components/ui/panels'
import { Loading, Skeleton } from '@/components/ui/skeleton'
import { useMediaQuery } from '@/lib/a11y/use-media-query'
import type { Schema } from '@/lib/api/client'
import { toApiError } from '@/lib/api/error'
import { cx } from '@/lib/format/classes'
import { Canvas } from './canvas/canvas'
import { unsetKeys } from './canvas/flow'
import { createStores, OpenWorkflowContext, useOpenWorkflow, type OpenWorkflow } from './open/open-workflow'
import { Outline } from './canvas/outline'
import {
  catalogueQuery,
  clusterCatalogueQuery,
  issuesQuery,
  secretKeysQuery,
  workflowQuery,
} from './canvas/queries'
import { Toolbar } from './canvas/toolbar'
import { useLive } from './open/use-live'
import { graphOf, typeOf } from './graph/graph'
import { nameOf as nameOfNode, wiredValues } from './graph/mirrors'
import type { Catalogue } from './graph/types'
import { Inspector, isPanel } from './inspector/inspector'
import { usePlanActions } from './open/plans/use-plan-actions'
import { Drawer, isDrawerTab } from './run/drawer'
import { RunBar } from './run/run-bar'
import { useRunActions } from './open/runs/use-run-actions'
import { useWaitingRuns } from './open/runs/use-waiting-runs'

// looked at after the graph, so they come after it
const PlanSheet = lazy(async () => ({ default: (await import('./plan/plan-sheet')).PlanSheet }))
const VersionsSheet = lazy(async () => ({
  default: (await import('./versions/versions-sheet')).VersionsSheet,
}))
const RemovedSheet = lazy(async () => ({ default: (await import('./removed/removed-sheet')).RemovedSheet }))
const NO_ISSUES: readonly Schema<'Issue'>[] = []

/** One workflow: its graph with live status, its runs, its nodes in detail. */
export function WorkflowPage() {
  const { workflowId = '' } = useParams()
  const found = useQuery(workflowQuery(workflowId))
  const types = useQuery(catalogueQuery())
  const onCluster = useQuery({
    ...clusterCatalogueQuery(found.data?.cluster_id ?? '', found.data?.namespace ?? ''),
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
  return <OpenPage key={workflowId} workflow={found.data} catalogue={onCluster.data ?? types.data} />
}

function OpenPage({ workflow, catalogue }: { workflow: Schema<'PublicWorkflow'>; catalogue: Catalogue }) {
  const [stores] = useState(createStores)
  const [query, setQuery] = useSearchParams()
  const { data: issues = NO_ISSUES } = useQuery(issuesQuery(workflow.id, workflow.revision))
  const graph = useMemo(() => graphOf(workflow), [workflow])
  const wired = useMemo(() => wiredValues(graph, catalogue), [graph, catalogue])
  const [gone, setGone] = useState('')

  const nameOf = useCallback(
    (nodeId: string) => nameOfNode(graph.nodes.find((node) => node.id === nodeId)?.data ?? {}, nodeId),
    [graph],
  )
  // several changes may come before the address is read again, so each goes on from the one before
  const latest = useRef(query)
  useEffect(() => {
    latest.current = query
  }, [query])
  const change = useCallback(
    (values: Record<string, string | null>) => {
      const after = new URLSearchParams(latest.current)
      for (const [key, value] of Object.entries(values)) {
        if (value === null) after.delete(key)
        else after.set(key, value)
      }
      latest.current = after
      setQuery(after, { replace: true })
    },
    [setQuery],
  )
  const show = useCallback(
    (nodeId: string, panel?: string) => {
      change({ node: nodeId, ...(panel === undefined ? {} : { panel }) })
      stores.canvas.setState({ wantedId: nodeId })
    },
    [change, stores],
  )
  const open = useMemo<OpenWorkflow>(
    () => ({ workflow, graph, catalogue, wired, issues, stores, show, nameOf }),
    [workflow, graph, catalogue, wired, issues, stores, show, nameOf],
  )
  useLive(workflow, stores, { nameOf, onRefused: ({ message }) => setGone(message) })

  const selected = graph.nodes.find((node) => node.id === query.get('node')) ?? null
  const selectedId = selected?.id ?? null
  useEffect(() => {
    stores.canvas.setState({ selectedId })
  }, [stores, selectedId])
  if (gone !== '') return <Gone reason={gone} />
  return (
    <OpenWorkflowContext value={open}>
      <Layout query={query} change={change} selected={selected} />
    </OpenWorkflowContext>
  )
}

interface LayoutProps {
  query: URLSearchParams
  change: (values: Record<string, string | null>) => void
  selected: OpenWorkflow['graph']['nodes'][number] | null
}

function Layout({ query, change, selected }: LayoutProps) {
  const { graph } = useOpenWorkflow()
  const actions = useRunActions()
  useWaitingRuns()
  const plans = usePlanActions(
    useCallback(
      (runId) => change({ plan: runId, ...(runId !== null && { versions: null, removed: null }) }),
      [change],
    ),
  )
  const planId = query.get('plan')
  const versions = planId === null ? query.get('versions') : null
  const removed = planId === null && versions === null ? query.get('removed') : null
  const showLog = () => change({ drawer: 'run' })
  const showRemoved = (runId: string) => change({ removed: runId, versions: null, plan: null })
  const runBar = (
    <RunBar
      actions={actions}
      plans={plans}
      shownId={planId}
      onShowLog={showLog}
      onShowRemoved={showRemoved}
    />
  )
  const beside = planId !== null || versions !== null || removed !== null
  const unset = useUnset()
  const [height, setHeight] = useState(280)
  const narrow = useMediaQuery('(max-width: 599px)')
  const drawer = query.get('drawer')
  const view = query.get('view')
  const outline = view === null ? narrow : view === 'list'
  const panel = query.get('panel')
  const bar = (
    <div className="pointer-events-none absolute inset-x-3 top-3 z-10 flex justify-center">
      <div className="w-full max-w-3xl">{runBar}</div>
    </div>
  )
  const close = () => {
    const id = selected?.id ?? ''
    change({ node: null })
    window.document.querySelector<HTMLElement>(`[data-card-button="${CSS.escape(id)}"]`)?.focus()
  }
  return (
    <div className="flex h-full flex-col">
      <Toolbar
        actions={actions}
        plans={plans}
        outline={outline}
        onOutline={(list) => change({ view: list === narrow ? null : list ? 'list' : 'graph' })}
        onIssues={() => change({ drawer: 'issues' })}
        onVersions={() => change({ versions: versions === null ? '' : null, plan: null })}
      />
      <div className="relative flex min-h-0 grow">
        <div className="flex min-w-0 grow flex-col">
          <div className="relative min-h-0 grow">
            {graph.nodes.length === 0 ? (
              <EmptyPanel icon={Boxes} title="Nothing is drawn yet">
                This workflow has no nodes. A node is a part of the application, such as a Deployment or a
                Service.
              </EmptyPanel>
            ) : outline ? (
              <div className="flex h-full flex-col">
                <div className="px-3 pt-3 empty:hidden">{runBar}</div>
                <div className="min-h-0 grow">
                  <Outline />
                </div>
              </div>
            ) : (
              <Canvas unset={unset}>{bar}</Canvas>
            )}
          </div>
          {isDrawerTab(drawer) && (
            <Drawer
              tab={drawer}
              height={height}
              onHeight={setHeight}
              onTab={(tab) => change({ drawer: tab })}
              onClose={() => change({ drawer: null })}
            />
          )}
        </div>
        {beside && (
          <div
            className={cx(
              'z-20 border-line bg-surface max-xl:absolute max-xl:inset-0',
              'xl:w-[58%] xl:max-w-300 xl:min-w-160 xl:shrink-0 xl:border-l',
            )}
          >
            <Suspense fallback={null}>
              {planId !== null && (
                <PlanSheet runId={planId} nodeId={selected?.id ?? null} plans={plans} actions={actions} />
              )}
              {versions !== null && <VersionsSheet query={query} change={change} plans={plans} />}
              {removed !== null && (
                <RemovedSheet
                  runId={removed}
                  plans={plans}
                  onRun={showRemoved}
                  onClose={() => change({ removed: null })}
                />
              )}
            </Suspense>
          </div>
        )}
        {selected !== null && !beside && (
          <div
            className={cx(
              'z-20 border-line bg-surface',
              'max-sm:absolute max-sm:inset-0 sm:max-xl:absolute sm:max-xl:inset-y-0 sm:max-xl:right-0 sm:max-xl:shadow-float',
              'sm:w-90 sm:border-l xl:shrink-0',
            )}
          >
            <Inspector
              node={selected}
              plans={plans}
              panel={isPanel(panel) ? panel : 'status'}
              onPanel={(name) => change({ panel: name })}
              onClose={close}
            />
          </div>
        )}
      </div>
    </div>
  )
}

/** How many keys of each secret have no value yet: a run would need them. */
function useUnset(): ReadonlyMap<string, number> {
  const open = useOpenWorkflow()
  const secrets = open.graph.nodes.filter(
    (node) => typeOf(node, open.catalogue)?.actions.includes('secret_values') === true,
  )
  return useQueries({
    queries: secrets.map((node) => secretKeysQuery(open.workflow.id, node.id)),
    combine: combineUnset,
  })
}

function combineUnset(results: { data: Schema<'SecretKeys'> | undefined }[]): Map<string, number> {
  return unsetKeys(results.map((result) => result.data))
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
