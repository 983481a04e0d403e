import { useQuery } from '@tanstack/react-query'
import { useEffect } from 'react'
import { isFinal } from '@/api/read-run'
import { readStatus, readStatuses } from '@/api/read-status'
import { runQuery, waitingRunsQuery } from '@/api/runs'
import { hearStatus, hearStatuses, issuesQuery, reloadWorkflow, statusQuery } from '@/api/workflows'
import { announce } from '@/lib/a11y/announce'
import { useConnection, useTopic } from '@/lib/stream/stream'
import type { TopicRefusal, Update } from '@/lib/stream/types'
import { isObject } from '@/lib/schema/conditions'
import { baseOf } from '../draft/base'
import { useRun, useWorkflow } from './hooks'
import { useOpenWorkflow, type OpenWorkflow } from './open-workflow'
import { headEventOf, runEventOf } from './runs/updates'
import { hearPeople } from './people'
import { useDrawnChecks } from './use-drawn-checks'
import { useWhere } from './use-where'

const UNHEARD_MS = 20_000

/** Ask once for what is known of the open workflow, and keep it in the cache as the server tells from then on. */
export function useLiveFeed(onRefused: (refusal: TopicRefusal) => void): void {
  const open = useOpenWorkflow()
  useFirstAnswers(open)
  useHeard(open)
  useUnheard(open)
  useDrawnChecks(open)
  useWhere(open)
  useTopic(`workflow:${open.id}`, { onUpdate: (update) => hear(open, update), onRefused })
  const followed = useRun(({ head, stage }) => (head !== null && !isFinal(stage) ? head.id : null))
  useTopic(followed === null ? null : `run:${followed}`, {
    onUpdate: (update) => {
      const event = followed === null ? null : runEventOf(followed, update)
      if (event !== null) open.run.dispatch(event)
    },
  })
}

/** Take in an update of the workflow's topic; one of a later version of the server says nothing. */
function hear(open: OpenWorkflow, { event, data }: Update): void {
  const { id, client, run, workflow } = open
  switch (event) {
    case 'metadata':
      if (!isObject(data)) return
      hearStatuses(client, id, readStatuses(data.node_statuses))
      hearPeople(open.stores.people, data.presence)
      if (isOutdated(open, data)) void reloadWorkflow(client, id)
      return
    case 'workflow_sync':
      if (isObject(data)) hearStatuses(client, id, readStatuses(data.node_statuses))
      return
    case 'presence':
      hearPeople(open.stores.people, data)
      return
    case 'node_update':
      hearNode(open, data)
      return
    case 'run_update': {
      const found = headEventOf(data)
      if (found === null) return
      run.dispatch(found)
      if (isFinal(found.run.head.status)) void reloadWorkflow(client, id)
      return
    }
    case 'saved':
      if (!isObject(data) || data.revision === workflow.getState().revision) return
      open.saving.heardFrom(data)
      void reloadWorkflow(client, id)
  }
}

function hearNode({ id, client, graph, status: known }: OpenWorkflow, data: unknown): void {
  const status = readStatus(data)
  if (status === null) return
  const before = known.getState().statuses[status.nodeId]
  hearStatus(client, id, status)
  if (before?.state !== status.state) announce(`${graph.getState().nameOf(status.nodeId)}: ${status.state}`)
}

/** Whether a snapshot is of another graph than the one that is shown, or of a run that is not known. */
function isOutdated({ run, workflow }: OpenWorkflow, data: Record<string, unknown>): boolean {
  const { revision: shown, active_run_id: active } = workflow.getState()
  const known = run.getState().head?.id ?? active
  const revision = isObject(data.workflow) ? data.workflow.revision : shown
  return revision !== shown || (data.active_run_id !== null && data.active_run_id !== known)
}

/** What the stream would say as well, asked for so that the page is whole before the stream is open. */
function useFirstAnswers({ id, run }: OpenWorkflow): void {
  const { active_run_id: active, last_run: last, revision } = useWorkflow()
  useQuery(statusQuery(id))
  useQuery(issuesQuery(id, revision))
  useQuery({ ...waitingRunsQuery(id), enabled: active !== null })
  const newest = active ?? last?.id ?? null
  const { data } = useQuery({ ...runQuery(newest ?? ''), enabled: newest !== null })
  useEffect(() => {
    if (data === undefined || data === null || run.getState().head?.id === data.head.id) return
    run.dispatch({ type: 'document', run: data })
    // a run that went well before this page was opened needs no bar
    if (data.head.status !== 'failed') run.dispatch({ type: 'dismiss' })
  }, [data, run])
}

/** Let what the server has come into what is drawn. */
function useHeard({ draft, workflow }: OpenWorkflow): void {
  useEffect(() => {
    const hear = () => draft.hear(baseOf(workflow.getState()))
    hear()
    return workflow.subscribe(hear)
  }, [draft, workflow])
}

/** Say since when nothing is heard, once that has lasted long enough to doubt what is shown. */
function useUnheard({ stores: { hearing } }: OpenWorkflow): void {
  const live = useConnection((connection) => connection.state === 'live')
  useEffect(() => {
    if (live) {
      hearing.setState({ unheardSince: null })
      return
    }
    const since = new Date(useConnection.getState().lastLiveAt ?? Date.now()).toISOString()
    const timer = setTimeout(() => hearing.setState({ unheardSince: since }), UNHEARD_MS)
    return () => clearTimeout(timer)
  }, [live, hearing])
}
