import { useQuery } from '@tanstack/react-query'
import { ClipboardList, ClipboardX } from 'lucide-react'
import { useEffect, useMemo, type ReactNode } from 'react'
import { StatusMark } from '@/components/status/status-mark'
import { Button } from '@/components/ui/button'
import { EmptyPanel, ErrorPanel } from '@/components/ui/panels'
import { Loading, Skeleton } from '@/components/ui/skeleton'
import { toApiError } from '@/lib/api/error'
import { useNow } from '@/lib/time/use-now'
import { usePlan, useWorkflow } from '../open/hooks'
import { useOpenWorkflow } from '../open/open-workflow'
import { planItemsQuery } from '@/api/runs'
import { isResting } from '@/api/merge-run'
import { clusterQuery } from '@/api/clusters'
import { isFinal, isPlan, type RunDocument, type RunHead } from '@/api/read-run'
import { compareQuery } from '@/api/versions'
import { consentOf, joined, verdictOf } from './consent'
import { optionsOf } from '../open/plans/options'
import { marksOf } from '@/components/objects/plan-groups'
import { ghostsOf } from './ghosts'
import { itemsOf, type PlanItem } from '@/components/objects/plan-item'
import { PlanFooter } from './plan-footer'
import { PlanObjects } from './plan-objects'
import { useRunOf, type RunOf } from './use-run-of'
import { Refused } from './refused'
import { Remarks } from './remarks'
import { SideSheet } from '@/components/objects/side-sheet'
import { NEW } from '../open/plans/plan-actions'

export interface PlanSheetProps {
  /** The run that is looked at, or NEW while it has no id yet. */
  runId: string
  /** The node that is chosen on the graph: its object is shown. */
  nodeId: string | null
}

/** What a run would do, before it does it: looked at, answered, applied or thrown away. */
export function PlanSheet(props: PlanSheetProps) {
  const { plans } = useOpenWorkflow()
  const { runId } = props
  const found = useRunOf(runId)
  const { head } = found
  useLost(runId)
  const goesOn = head !== null && !isPlan(head) && !isFinal(head.status)
  useEffect(() => {
    // it was confirmed: the bar shows how it goes
    if (goesOn) plans.show(null)
  }, [goesOn, plans])
  return (
    <Frame head={head}>
      <Content {...props} found={found} />
    </Frame>
  )
}

/** A page that was loaded again does not know what was asked for. */
function useLost(runId: string): void {
  const { plans } = useOpenWorkflow()
  const lost = usePlan((state) => !state.asking && state.refusal === null && state.runId === null)
  const given = runId === NEW && lost
  useEffect(() => {
    if (given) plans.show(null)
  }, [given, plans])
}

function Content({ found, ...props }: PlanSheetProps & { found: RunOf }) {
  const { plans } = useOpenWorkflow()
  const { runId } = props
  const asked = usePlan((state) => state.asked)
  const refusal = usePlan((state) => state.refusal)
  const { head, document, error } = found
  if (runId === NEW && refusal !== null)
    return <Refused refusal={refusal} onAgain={() => void plans.plan(asked)} {...props} />
  if (error !== null)
    return <ErrorPanel error={error} what="this plan" busy={found.isFetching} onRetry={found.retry} />
  if (head === null || document === null || !isResting(head)) return <Planning />
  return <OfHead key={runId} {...props} head={head} document={document} />
}

interface FrameProps {
  head: RunHead | null
  children: ReactNode
}

function Frame({ head, children }: FrameProps) {
  const { plans } = useOpenWorkflow()
  const place = usePlace()
  const asked = usePlan((state) => state.asked)
  const back =
    head === null
      ? asked.kind === 'rollback'
        ? asked.version
        : null
      : head.kind === 'rollback'
        ? head.version
        : null
  return (
    <SideSheet
      title={back === null ? 'Plan' : `Plan of the way back to v${back}`}
      subtitle={
        <>
          {head !== null && back === null && <>v{head.version} on </>}
          {place}
        </>
      }
      aside={
        head !== null && (
          <span className="hidden self-center @xl:block">
            <StatusMark state={head.status === 'running' ? (head.phase ?? 'running') : head.status} />
          </span>
        )
      }
      closeLabel="Close the plan"
      onClose={() => plans.show(null)}
    >
      {children}
    </SideSheet>
  )
}

/** Where it would be applied: "local / shop". */
function usePlace(): string {
  const workflow = useWorkflow()
  const { cluster_id: clusterId } = workflow
  const { data } = useQuery({ ...clusterQuery(clusterId ?? ''), enabled: clusterId !== null })
  return `${data?.name ?? '…'} / ${workflow.namespace}`
}

function Planning() {
  return (
    <Loading label="Planning: the cluster is asked what would happen">
      <p className="px-4 pt-3 text-dense text-text-muted">
        The cluster is asked what would happen. Nothing is changed.
      </p>
      {[60, 44, 72, 52, 66].map((width) => (
        <div key={width} className="flex h-12 items-center gap-3 px-4">
          <Skeleton className="size-5" />
          <span className="grow" style={{ maxWidth: `${width}%` }}>
            <Skeleton className="h-4 w-full" />
          </span>
        </div>
      ))}
    </Loading>
  )
}

interface OfHeadProps extends PlanSheetProps {
  head: RunHead
  document: RunDocument
}

function OfHead(props: OfHeadProps) {
  const { plans } = useOpenWorkflow()
  const { head, document } = props
  const asked = usePlan((state) => state.asked)
  const again = () => void plans.plan(asked)
  if (isPlan(head) && head.status === 'failed' && head.error !== null) {
    const refusal = { code: head.error.code, message: head.error.message, issues: [] }
    return <Refused refusal={refusal} blamed={head.error.nodeId} onAgain={again} />
  }
  if (isPlan(head) && head.status === 'cancelled') {
    return (
      <EmptyPanel
        icon={ClipboardX}
        title="This plan was thrown away"
        action={
          <Button icon={ClipboardList} onClick={again}>
            Plan again
          </Button>
        }
      >
        Nothing was changed.
      </EmptyPanel>
    )
  }
  return <Items {...props} document={document} />
}

function Items(props: OfHeadProps) {
  const { head } = props
  const { data, error, refetch, isFetching } = useQuery({
    ...planItemsQuery(head.id, head.planDigest),
    select: itemsOf,
  })
  if (data === undefined) {
    return error === null ? (
      <Planning />
    ) : (
      <ErrorPanel
        error={toApiError(error)}
        what="the plan"
        busy={isFetching}
        onRetry={() => void refetch()}
      />
    )
  }
  return <Planned {...props} items={data} />
}

interface PlannedProps extends OfHeadProps {
  items: readonly PlanItem[]
}

function Planned({ head, document, items, nodeId }: PlannedProps) {
  const { plans, runs } = useOpenWorkflow()
  const workflow = useWorkflow()
  const { answers, options, asked } = usePlan((state) => state)
  const place = usePlace()
  const over = !isPlan(head)
  const now = useNow(1_000)
  const expired = !over && head.planExpiresAt !== null && Date.parse(head.planExpiresAt) <= now
  useMarks(items)
  const outdated = useOutdated(head)
  const verdict = verdictOf({
    items,
    answers,
    planned: optionsOf(document.options),
    wanted: options,
    expired,
  })
  const consent = consentOf(items, answers)
  const again = () =>
    void plans.plan(asked, document.consent === null ? consent : joined(document.consent, consent))
  const join = () => {
    plans.show(null)
    if (workflow.active_run_id !== null) void runs.join(workflow.active_run_id)
  }
  return (
    <>
      <Remarks
        head={head}
        expired={expired}
        outdated={outdated === true}
        nothing={verdict.nothing}
        onJoin={join}
      />
      <PlanObjects items={items} nodeId={nodeId} over={over || expired} ofSaved={outdated === false} />
      {!over && (
        <PlanFooter
          verdict={verdict}
          place={place}
          expiresAt={head.planExpiresAt}
          answered={Object.keys(answers).length}
          onApply={() => void plans.confirm(head.id, head.planDigest, consent)}
          onAgain={again}
          onDiscard={() => void plans.discard(head.id)}
        />
      )}
    </>
  )
}

/** Whether the graph was saved since it was planned; null when that says nothing, or is not known. */
function useOutdated(head: RunHead): boolean | null {
  const workflow = useWorkflow()
  const ofSaved = head.kind !== 'rollback' && isPlan(head)
  const { data } = useQuery({
    ...compareQuery(workflow.id, `${head.version}`, 'saved', String(workflow.revision)),
    enabled: ofSaved,
  })
  return ofSaved && data !== undefined ? !data.identical : null
}

/** Let the cards of the graph say what the plan does with them, as long as it is shown. */
function useMarks(items: readonly PlanItem[]): void {
  const { stores, graph } = useOpenWorkflow()
  const marks = useMemo(() => marksOf(items), [items])
  useEffect(() => {
    const drawn = new Set(graph.getState().graph.nodes.map(({ id }) => id))
    stores.canvas.setState({ marks, ghosts: ghostsOf(items, drawn) })
    return () => stores.canvas.setState({ marks: {}, ghosts: [] })
  }, [stores, graph, items, marks])
}
