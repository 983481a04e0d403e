import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { useStore } from 'zustand'
import type { Schema } from '@/lib/api/client'
import { announce } from '@/lib/a11y/announce'
import { useConnection, useTopic } from '@/lib/stream/stream'
import type { TopicRefusal, Update } from '@/lib/stream/types'
import { isObject } from '../graph/conditions'
import { isFinal } from '@/api/read-run'
import { dispatch } from './runs/run-store'
import { headEventOf, runEventOf } from './runs/updates'
import type { Stores } from './open-workflow'
import { runQuery, statusQuery, workflowQuery } from '../canvas/queries'
import { readStatus, readStatuses } from './status'
import { put, replaceAll } from './status-store'

const UNHEARD_MS = 20_000

/** Keep an open workflow's stores as the server tells: statuses, runs, saves by others. */
export function useLive(
  workflow: Schema<'PublicWorkflow'>,
  stores: Stores,
  { nameOf, onRefused }: { nameOf: (nodeId: string) => string; onRefused: (refusal: TopicRefusal) => void },
): void {
  const { id } = workflow
  const queries = useQueryClient()
  useFirstAnswers(workflow, stores)
  useUnheard(stores)

  const reload = () => void queries.invalidateQueries({ queryKey: workflowQuery(id).queryKey, exact: true })
  const isOutdated = (data: Record<string, unknown>) => {
    const known = stores.run.getState().head?.id ?? workflow.active_run_id
    const revision = isObject(data.workflow) ? data.workflow.revision : workflow.revision
    return revision !== workflow.revision || (data.active_run_id !== null && data.active_run_id !== known)
  }
  const heard = ({ event, data }: Update) => {
    switch (event) {
      case 'metadata':
        if (!isObject(data)) return
        replaceAll(stores.status, readStatuses(data.node_statuses))
        if (isOutdated(data)) reload()
        return
      case 'workflow_sync':
        if (isObject(data)) replaceAll(stores.status, readStatuses(data.node_statuses))
        return
      case 'node_update': {
        const status = readStatus(data)
        if (status === null) return
        const before = stores.status.getState().statuses[status.nodeId]
        put(stores.status, status)
        if (before?.state !== status.state) announce(`${nameOf(status.nodeId)}: ${status.state}`)
        return
      }
      case 'run_update': {
        const found = headEventOf(data)
        if (found === null) return
        dispatch(stores.run, found)
        if (found.type === 'document' && isFinal(found.run.head.status)) reload()
        return
      }
      case 'saved':
        if (isObject(data) && data.revision !== workflow.revision) reload()
        return
      default:
        // an update of a later version of the server
        return
    }
  }
  useTopic(`workflow:${id}`, { onUpdate: heard, onRefused })

  const followed = useStore(stores.run, ({ head, stage }) =>
    head !== null && !isFinal(stage) ? head.id : null,
  )
  useTopic(followed === null ? null : `run:${followed}`, {
    onUpdate: (update) => {
      const found = followed === null ? null : runEventOf(followed, update)
      if (found !== null) dispatch(stores.run, found)
    },
  })
}

/** What the stream will say anyway, asked for once, so that the page is whole before the stream is open. */
function useFirstAnswers(workflow: Schema<'PublicWorkflow'>, stores: Stores): void {
  const statuses = useQuery(statusQuery(workflow.id)).data
  useEffect(() => {
    if (statuses !== undefined && !stores.status.getState().loaded) replaceAll(stores.status, statuses)
  }, [statuses, stores])
  const newest = workflow.active_run_id ?? workflow.last_run?.id ?? null
  const run = useQuery({ ...runQuery(newest ?? ''), enabled: newest !== null }).data
  useEffect(() => {
    if (run === undefined || run === null) return
    const seen = stores.run.getState().head?.id === run.head.id
    // of a run that is followed, the stream may have told more while this answer was on its way
    if (seen && !isFinal(run.head.status)) return
    dispatch(stores.run, { type: 'document', run })
    // a run that went well before this page was opened needs no bar
    if (!seen && run.head.status !== 'failed') dispatch(stores.run, { type: 'dismiss' })
  }, [run, stores])
}

/** Say since when nothing is heard, once that has lasted long enough to doubt what is shown. */
function useUnheard(stores: Stores): void {
  const live = useConnection((connection) => connection.state === 'live')
  useEffect(() => {
    if (live) {
      stores.status.setState({ unheardSince: null })
      return
    }
    const since = new Date(useConnection.getState().lastLiveAt ?? Date.now()).toISOString()
    const timer = setTimeout(() => stores.status.setState({ unheardSince: since }), UNHEARD_MS)
    return () => clearTimeout(timer)
  }, [live, stores])
}
