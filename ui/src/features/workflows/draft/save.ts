import type { QueryClient } from '@tanstack/react-query'
import { createStore } from 'zustand/vanilla'
import { fetchWorkflow, hearWorkflow, saveGraph } from '@/api/workflows'
import { toApiError, type ApiError } from '@/lib/api/error'
import { z } from '@/lib/config/zod'
import { useConnection } from '@/lib/stream/stream'
import { bodyOf } from '../graph/graph'
import { sameGraph } from '../graph/same'
import type { Graph, Issue } from '../graph/types'
import { baseOf } from './base'
import { isClean, type Draft, type DraftState } from './draft-store'
import { complaintsOf } from './complaints'

/** How the last try to save went. */
export type Attempt =
  | { kind: 'none' }
  | { kind: 'saving'; graph: Graph }
  | { kind: 'failed'; graph: Graph; error: ApiError; issues: readonly Issue[] }
  /** Somebody else has saved meanwhile; what they have is behind the draft. */
  | { kind: 'conflict' }

export type SavingState = {
  attempt: Attempt
  /** Who saved the later revision that the draft is behind; null: nobody has said. */
  other: { name: string; at: string | null } | null
}

/** Saves the graph that is drawn. */
export interface Saving {
  getState: () => SavingState
  subscribe: (listener: () => void) => () => void
  /** Save what is drawn; gives whether all of it is saved then. */
  save: () => Promise<boolean>
  /** Replace what others have saved by what is drawn. */
  overwrite: () => Promise<boolean>
  /** Draw a graph that has what others have saved in it, as one step. */
  goOnFrom: (label: string, graph: Graph) => void
  /** Look at a conflict later: it comes back when somebody saves. */
  putOff: () => void
  /** Note who has saved, as the stream tells it. */
  heardFrom: (data: unknown) => void
  /** Save what could not be sent once the line is back; returns how to stop. */
  start: () => () => void
}

const Person = z.object({ name: z.string() })

export function createSaving(client: QueryClient, workflowId: string, draft: Draft): Saving {
  const store = createStore<SavingState>(() => ({ attempt: { kind: 'none' }, other: null }))
  const end = (attempt: Attempt) => store.setState({ attempt })
  let running: Promise<boolean> | null = null
  /** What was sent last, when no answer to that came: the server may have it. */
  let lost: Graph | null = null

  const send = async (): Promise<boolean> => {
    const { base, history, behind } = draft.getState()
    if (isClean(draft.getState())) return true
    if (behind !== null) {
      end({ kind: 'conflict' })
      return false
    }
    const graph = history.present
    end({ kind: 'saving', graph })
    try {
      const workflow = await saveGraph(workflowId, bodyOf(graph), base.revision)
      draft.saved({ revision: workflow.revision, graph })
      lost = null
      draft.hear(baseOf(hearWorkflow(client, workflow)))
      end({ kind: 'none' })
      return isClean(draft.getState())
    } catch (cause) {
      const error = toApiError(cause)
      if (error.code === 'revision-conflict') return await meet(error, graph)
      if (error.temporary) lost = graph
      end({ kind: 'failed', graph, error, issues: complaintsOf(error, graph) })
      return false
    }
  }

  /** Find out what others have saved. It may be what was sent from here, by a request whose answer was lost. */
  const meet = async (error: ApiError, graph: Graph): Promise<boolean> => {
    try {
      const workflow = await fetchWorkflow(client, workflowId)
      store.setState({ other: { name: nameOf(error.details.saved_by), at: workflow.updated_at } })
      draft.hear(baseOf(workflow))
    } catch (cause) {
      end({ kind: 'failed', graph, error: toApiError(cause), issues: [] })
      return false
    }
    if (draft.getState().behind === null) return await send()
    end({ kind: 'conflict' })
    return false
  }

  const save = () => {
    running ??= send().finally(() => {
      running = null
    })
    return running
  }
  const overwrite: Saving['overwrite'] = async () => {
    goOnFrom('Overwrite', draft.getState().history.present)
    return await save()
  }
  const goOnFrom: Saving['goOnFrom'] = (label, graph) => {
    const { behind } = draft.getState()
    end({ kind: 'none' })
    if (behind !== null) draft.takeUp(label, behind, graph)
  }
  return {
    getState: store.getState,
    subscribe: store.subscribe,
    save,
    overwrite,
    goOnFrom,
    putOff: () => end({ kind: 'none' }),
    heardFrom: (data) => {
      const heard = z.object({ by: Person }).safeParse(data)
      if (heard.success) store.setState({ other: { name: heard.data.by.name, at: new Date().toISOString() } })
    },
    start: () => {
      const again = () => {
        const { attempt } = store.getState()
        if (attempt.kind === 'failed' && attempt.error.temporary) void save()
      }
      const stops = [whenBack(again), draft.subscribe(() => reclaim(draft, lost))]
      return () => stops.forEach((stop) => stop())
    },
  }
}

function nameOf(person: unknown): string {
  return Person.safeParse(person).data?.name ?? ''
}

/** Know again what was sent from here by a request whose answer was lost: it is no conflict. */
function reclaim(draft: Draft, sent: Graph | null): void {
  const { behind } = draft.getState()
  if (behind !== null && sent !== null && sameGraph(behind.graph, sent)) draft.saved(behind)
}

/** Call back when the browser is online again, or the live connection stands again. */
function whenBack(listener: () => void): () => void {
  window.addEventListener('online', listener)
  const leave = useConnection.subscribe((now, before) => {
    if (now.state === 'live' && before.state !== 'live') listener()
  })
  return () => {
    window.removeEventListener('online', listener)
    leave()
  }
}

/** Whether what is drawn is saved, and if not, why. */
export type SaveState =
  | { kind: 'saved' | 'unsaved' | 'saving' | 'conflict' }
  | {
      kind: 'failed'
      reason: string
      /** It is saved by itself once the line is back. */
      waits: boolean
      /** The workflow has been deleted elsewhere. */
      gone: boolean
    }

export function saveStateOf(drawn: DraftState, { attempt }: SavingState): SaveState {
  if (attempt.kind === 'saving') return { kind: 'saving' }
  if (isClean(drawn)) return { kind: 'saved' }
  if (attempt.kind === 'conflict' && drawn.behind !== null) return { kind: 'conflict' }
  if (attempt.kind !== 'failed') return { kind: 'unsaved' }
  const { error, graph } = attempt
  const gone = error.status === 404
  // what was wrong may have been put right since
  if (graph !== drawn.history.present && !error.temporary && !gone) return { kind: 'unsaved' }
  return { kind: 'failed', reason: reasonOf(error), waits: error.status === 0, gone }
}

/** The server's complaints about just what is drawn now. */
export function complaintsAbout({ history }: DraftState, { attempt }: SavingState): readonly Issue[] {
  return attempt.kind === 'failed' && attempt.graph === history.present ? attempt.issues : NONE
}

const NONE: readonly Issue[] = []

function reasonOf(error: ApiError): string {
  if (error.status === 0) return 'There is no connection. It is saved once the line is back.'
  if (error.status === 404) return 'This workflow has been deleted. What is drawn is kept in this browser.'
  return error.message
}
