import type { QueryClient } from '@tanstack/react-query'
import { createContext, useContext } from 'react'
import { createStore, type StoreApi } from 'zustand/vanilla'
import { clusterNodeTypesQuery, nodeTypesQuery } from '@/api/node-types'
import type { Schema } from '@/lib/api/client'
import { useAuth } from '@/lib/auth/session'
import { issuesQuery, statusQuery, workflowQuery, type Statuses, type Workflow } from '@/api/workflows'
import { baseOf } from '../draft/base'
import { createDraft, isClean, type Draft } from '../draft/draft-store'
import { createKeeper, type Keeper } from '../draft/keeper'
import { complaintsAbout, createSaving, type Saving } from '../draft/save'
import type { Limits } from '../graph/clipboard'
import { catalogueOf } from '../graph/graph'
import { nameOf, wiredValues, type WiredValue } from '../graph/mirrors'
import type { Catalogue, Graph, Issue } from '../graph/types'
import { createAddress, type Address } from './address'
import { createCanvasStore, type CanvasStore } from './canvas-store'
import { createCurrent, type CanvasView, type Current } from './canvas-view'
import { createEditing, type Editing } from './editing'
import { createPlanActions, type PlanActions } from './plans/plan-actions'
import { createPlanStore, type PlanStore } from './plans/plan-store'
import { createOpenRun, type OpenRun } from './runs/open-run'
import { createRunActions, type RunActions } from './runs/run-actions'
import type { StatusState } from './status'
import { createPeopleStore, type PeopleStore } from './people'
import { viewOf, type Readable } from './view'

/** What is drawn, and what follows from it alone. */
export type GraphState = {
  graph: Graph
  catalogue: Catalogue
  wired: ReadonlyMap<string, readonly WiredValue[]>
  /** How large the graph may grow. */
  limits: Limits
  /** The name people know a node by. */
  nameOf: (nodeId: string) => string
}

/** Since when this page hears nothing of the workflow, once that is long enough to matter. */
export type HearingStore = StoreApi<{ unheardSince: string | null }>

/** What the server said last of a graph that is not saved; null: nothing yet. */
export type ChecksStore = StoreApi<{ issues: readonly Issue[] | null }>

/**
 * Everything the parts of the page share. It is made with the page, goes with it, and is the same all the while:
 * what changes is read from its stores and views by those whom it concerns.
 */
export type OpenWorkflow = {
  id: string
  client: QueryClient
  workflow: Readable<Workflow>
  graph: Readable<GraphState>
  /** The graph as it is drawn, saved or not. */
  draft: Draft
  editing: Editing
  /** Why nothing of the graph may be changed; null when it may. */
  locked: () => string | null
  /** The canvas, while one is drawn. */
  view: Current<CanvasView>
  issues: Readable<readonly Issue[]>
  status: Readable<StatusState>
  run: OpenRun
  stores: {
    plan: PlanStore
    canvas: CanvasStore
    hearing: HearingStore
    checks: ChecksStore
    people: PeopleStore
  }
  address: Address
  /** Show a node: select it, open its inspector, bring its card into view. */
  show: (nodeId: string, panel?: string) => void
  runs: RunActions
  plans: PlanActions
  saving: Saving
  /** Keeps in this browser what is drawn and not saved. */
  keeper: Keeper
}

/** Open a workflow that is in the cache, with the node types. */
export function createOpenWorkflow(client: QueryClient, id: string): OpenWorkflow {
  const address = createAddress()
  const stores = {
    plan: createPlanStore(),
    canvas: createCanvasStore(),
    hearing: createStore<{ unheardSince: string | null }>(() => ({ unheardSince: null })),
    checks: createStore<{ issues: readonly Issue[] | null }>(() => ({ issues: null })),
    people: createPeopleStore(),
  }
  const workflow = viewOfWorkflow(client, id)
  const draft = createDraft(baseOf(workflow.getState()))
  const saving = createSaving(client, id, draft)
  const issues = viewOfIssues({ client, workflow, draft, saving, checks: stores.checks })
  const graph = viewOfGraph(client, workflow, draft)
  const locked = () => lockOf(workflow.getState())
  const run = createOpenRun(client, id)
  const show = (nodeId: string, panel?: string) => {
    address.change({ node: nodeId, ...(panel === undefined ? {} : { panel }) })
    stores.canvas.setState({ wantedId: nodeId })
  }
  const userId = () => useAuth.getState().user?.id ?? null
  const on = { workflowId: id, run, issues }
  return {
    id,
    client,
    workflow,
    graph,
    draft,
    editing: createEditing({ draft, graph, canvas: stores.canvas, locked }),
    locked,
    view: createCurrent<CanvasView>(),
    issues,
    status: viewOfStatus(client, id, stores.hearing),
    run,
    stores,
    address,
    show,
    ...onceSaved(saving, {
      runs: createRunActions({ ...on, show }),
      plans: createPlanActions({
        ...on,
        store: stores.plan,
        show: (plan) => address.change({ plan, ...(plan !== null && { versions: null, removed: null }) }),
      }),
    }),
    saving,
    keeper: createKeeper({ workflowId: id, userId, draft }),
  }
}

/** Runs and plans of what is drawn: it is saved before anything else is asked of the server. */
function onceSaved({ save }: Saving, { runs, plans }: { runs: RunActions; plans: PlanActions }) {
  return {
    runs: {
      ...runs,
      run: async () => {
        if (await save()) await runs.run()
      },
      runAfter: async () => {
        if (await save()) await runs.runAfter()
      },
    },
    plans: {
      ...plans,
      plan: async (...[asked, consent]: Parameters<PlanActions['plan']>) => {
        const ofSaved = asked === undefined || asked.kind === 'saved'
        if (!ofSaved || (await save())) await plans.plan(asked, consent)
      },
    },
  }
}

/** Why a workflow's graph may not be changed; null when it may. */
export function lockOf({ status }: Pick<Workflow, 'status'>): string | null {
  return status === 'archived' ? 'This workflow is archived. Take it up again to change it.' : null
}

function viewOfWorkflow(client: QueryClient, id: string): Readable<Workflow> {
  const { queryKey } = workflowQuery(id)
  return viewOf(client, { entries: () => [queryKey] }, () => {
    const found = client.getQueryData(queryKey)
    if (found === undefined) throw new Error('A workflow is open that was not loaded.')
    return found
  })
}

/** The graph as it is drawn, and what follows from it alone. */
function viewOfGraph(client: QueryClient, workflow: Readable<Workflow>, draft: Draft): Readable<GraphState> {
  const onCluster = () => {
    const { cluster_id: cluster, namespace } = workflow.getState()
    return clusterNodeTypesQuery(cluster ?? '', namespace).queryKey
  }
  let last: { drawn: Graph; served: Schema<'NodeTypes'>; state: GraphState } | null = null
  const sources = { entries: () => [nodeTypesQuery.queryKey, onCluster()], stores: [workflow, draft] }
  return viewOf(client, sources, () => {
    const drawn = draft.getState().history.present
    const served = client.getQueryData(onCluster()) ?? client.getQueryData(nodeTypesQuery.queryKey)
    if (served === undefined) throw new Error('A workflow is open without node types.')
    const same = last?.drawn === drawn && last.served === served
    if (last === null || !same) last = { drawn, served, state: graphStateOf(drawn, served) }
    return last.state
  })
}

function graphStateOf(graph: Graph, served: Schema<'NodeTypes'>): GraphState {
  const catalogue = catalogueOf(served)
  const nodes = new Map(graph.nodes.map((node) => [node.id, node]))
  return {
    graph,
    catalogue,
    wired: wiredValues(graph, catalogue),
    limits: { nodes: served.limits?.nodes ?? Infinity, edges: served.limits?.edges ?? Infinity },
    nameOf: (nodeId) => nameOf(nodes.get(nodeId)?.data ?? {}, nodeId),
  }
}

const NO_ISSUES: readonly Issue[] = []

interface IssueSources {
  client: QueryClient
  workflow: Readable<Workflow>
  draft: Draft
  saving: Saving
  checks: ChecksStore
}

/** What is wrong with the graph that is drawn, as far as the server has said it. */
function viewOfIssues({ client, workflow, draft, saving, checks }: IssueSources): Readable<readonly Issue[]> {
  const key = () => {
    const { id, revision } = workflow.getState()
    return issuesQuery(id, revision).queryKey
  }
  const sources = { entries: () => [key()], stores: [workflow, draft, saving, checks] }
  return viewOf(client, sources, () => {
    const saved = client.getQueryData(key()) ?? NO_ISSUES
    const drawn = draft.getState()
    if (isClean(drawn)) return saved
    const complaints = complaintsAbout(drawn, saving.getState())
    const checked = checks.getState().issues ?? saved
    return complaints.length === 0 ? checked : [...complaints, ...checked]
  })
}

const NO_STATUSES: Statuses = {}

function viewOfStatus(client: QueryClient, id: string, hearing: HearingStore): Readable<StatusState> {
  const { queryKey } = statusQuery(id)
  return viewOf(client, { entries: () => [queryKey], stores: [hearing] }, () => {
    const statuses = client.getQueryData(queryKey)
    return { statuses: statuses ?? NO_STATUSES, loaded: statuses !== undefined, ...hearing.getState() }
  })
}

export const OpenWorkflowContext = createContext<OpenWorkflow | null>(null)

export function useOpenWorkflow(): OpenWorkflow {
  const found = useContext(OpenWorkflowContext)
  if (found === null) throw new Error('useOpenWorkflow is used outside of an open workflow.')
  return found
}
