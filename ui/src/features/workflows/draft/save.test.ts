import { QueryClient } from '@tanstack/react-query'
import { HttpResponse } from 'msw'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { workflowQuery, type Workflow } from '@/api/workflows'
import { useConnection } from '@/lib/stream/stream'
import { NOT_CONNECTED } from '@/lib/stream/types'
import { on, refusal, server } from '@/testing/server'
import { starterGraph } from '../graph/catalogue.fixture'
import { moved } from '../graph/edits'
import { bodyOf } from '../graph/graph'
import type { Graph } from '../graph/types'
import { baseOf } from './base'
import { createDraft, isClean } from './draft-store'
import { complaintsAbout, createSaving, saveStateOf } from './save'

const AT = '2026-01-31T12:00:00.000Z'
const ID = 'workflow-1'
const move = (x: number) => moved(new Map([['web', { x, y: 0 }]]))

function workflowWith(graph: Graph, revision: number): Workflow {
  return {
    id: ID,
    name: 'Shop',
    description: '',
    cluster_id: null,
    namespace: 'shop',
    status: 'draft',
    tags: [],
    revision,
    current_version: 0,
    deployed_version: null,
    owner_id: 'user-1',
    run_count: 0,
    success_count: 0,
    failure_count: 0,
    last_run: null,
    active_run_id: null,
    created_at: AT,
    updated_at: AT,
    ...bodyOf(graph),
  }
}

const stops: (() => void)[] = []
afterEach(() => {
  for (const stop of stops.splice(0)) stop()
  useConnection.setState(NOT_CONNECTED, true)
})

function begin() {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } })
  const workflow = workflowWith(starterGraph(), 3)
  client.setQueryData(workflowQuery(ID).queryKey, workflow)
  const draft = createDraft(baseOf(workflow))
  const saving = createSaving(client, ID, draft)
  stops.push(saving.start())
  const state = () => saveStateOf(draft.getState(), saving.getState())
  return { client, draft, saving, state }
}

type Sent = { revision: string | null; graph: unknown }

/** A server that takes what is sent unless it is told to answer otherwise. */
function saves(answer: (graph: Graph, revision: number) => Response | Promise<Response> = took) {
  const sent: Sent[] = []
  server.use(
    on('post', `/workflows/${ID}/save`, async (request) => {
      const revision = request.headers.get('If-Match')
      const body = (await request.json()) as Graph
      sent.push({ revision, graph: body })
      return answer(body, Number(revision?.replaceAll('"', '')))
    }),
  )
  return sent
}

function took(graph: Graph, revision: number): Response {
  return HttpResponse.json({ ...workflowWith(starterGraph(), revision + 1), ...graph })
}

const lost = () => HttpResponse.error()

describe('saving', () => {
  it('sends what is drawn with the revision it began with', async () => {
    const sent = saves()
    const { client, draft, saving, state } = begin()
    expect(state()).toEqual({ kind: 'saved' })
    expect(await saving.save()).toBe(true)
    draft.edit('Move', move(8))
    expect(state()).toEqual({ kind: 'unsaved' })
    const saved = saving.save()
    expect(state()).toEqual({ kind: 'saving' })
    expect(await saved).toBe(true)
    expect(state()).toEqual({ kind: 'saved' })
    expect(sent).toEqual([{ revision: '"3"', graph: bodyOf(move(8)(starterGraph())) }])
    expect(client.getQueryData(workflowQuery(ID).queryKey)?.revision).toBe(4)
    draft.undo()
    expect(await saving.save()).toBe(true)
    expect(sent[1]).toMatchObject({ revision: '"4"' })
  })

  it('leaves edits that are made meanwhile unsaved, and is not done twice at once', async () => {
    const sent = saves()
    const { draft, saving, state } = begin()
    draft.edit('Move', move(8))
    const both = [saving.save(), saving.save()]
    draft.edit('Move', move(16))
    expect(await Promise.all(both)).toEqual([false, false])
    expect(sent).toHaveLength(1)
    expect(state()).toEqual({ kind: 'unsaved' })
    expect(await saving.save()).toBe(true)
    expect(sent).toHaveLength(2)
  })

  it('does not go back behind what was heard meanwhile', async () => {
    const { client, draft, saving } = begin()
    saves((graph, revision) => {
      client.setQueryData(workflowQuery(ID).queryKey, workflowWith(move(99)(starterGraph()), 7))
      return took(graph, revision)
    })
    draft.edit('Move', move(8))
    await saving.save()
    expect(client.getQueryData(workflowQuery(ID).queryKey)?.revision).toBe(7)
    expect(draft.getState()).toMatchObject({ base: { revision: 7 } })
  })
})

describe('when it fails', () => {
  beforeEach(() => {
    vi.spyOn(navigator, 'onLine', 'get').mockReturnValue(true)
  })

  it('says that there is no connection, and catches up when it is back', async () => {
    let line = false
    const sent = saves((graph, revision) => (line ? took(graph, revision) : lost()))
    const { draft, saving, state } = begin()
    draft.edit('Move', move(8))
    expect(await saving.save()).toBe(false)
    const reason = 'There is no connection. It is saved once the line is back.'
    const failed = { kind: 'failed', reason, waits: true, gone: false }
    expect(state()).toEqual(failed)
    draft.edit('Move', move(16))
    expect(state()).toEqual(failed)
    line = true
    window.dispatchEvent(new Event('online'))
    await vi.waitFor(() => expect(state()).toEqual({ kind: 'saved' }))
    expect(sent.at(-1)).toMatchObject({ graph: bodyOf(move(16)(starterGraph())) })
  })

  it('catches up when the live connection stands again', async () => {
    let able = false
    saves((graph, revision) =>
      able ? took(graph, revision) : refusal(503, 'store-unavailable', 'The store does not answer.'),
    )
    const { draft, saving, state } = begin()
    draft.edit('Move', move(8))
    await saving.save()
    expect(state()).toEqual({
      kind: 'failed',
      reason: 'The store does not answer.',
      waits: false,
      gone: false,
    })
    able = true
    useConnection.setState({ state: 'live' })
    await vi.waitFor(() => expect(state()).toEqual({ kind: 'saved' }))
  })

  it('knows its own graph again when only the answer was lost', async () => {
    let stored: Graph | null = null
    const sent = saves((graph, revision) => {
      if (stored === null) {
        stored = graph
        return lost()
      }
      if (revision === 3)
        return refusal(409, 'revision-conflict', 'It is at revision 4 now.', { body: { revision: 4 } })
      return took(graph, revision)
    })
    server.use(
      on('get', `/workflows/${ID}`, () =>
        HttpResponse.json({ ...workflowWith(starterGraph(), 4), ...stored }),
      ),
    )
    const { draft, saving, state } = begin()
    draft.edit('Move', move(8))
    await saving.save()
    draft.edit('Move', move(16))
    expect(await saving.save()).toBe(true)
    expect(state()).toEqual({ kind: 'saved' })
    expect(sent.map(({ revision }) => revision)).toEqual(['"3"', '"3"', '"4"'])
  })

  it('knows its own graph again when the stream tells of it first', async () => {
    saves(lost)
    const { draft, saving, state } = begin()
    draft.edit('Move', move(8))
    await saving.save()
    draft.edit('Move', move(16))
    draft.hear({ revision: 4, graph: move(8)(starterGraph()) })
    expect(draft.getState()).toMatchObject({ behind: null, base: { revision: 4 } })
    expect(state()).toMatchObject({ kind: 'failed', waits: true })
  })

  it('says that the workflow is gone, whatever is drawn then', async () => {
    saves(() => refusal(404, 'not-found', 'There is no such workflow.'))
    const { draft, saving, state } = begin()
    draft.edit('Move', move(8))
    await saving.save()
    draft.edit('Move', move(16))
    expect(state()).toEqual({
      kind: 'failed',
      gone: true,
      waits: false,
      reason: 'This workflow has been deleted. What is drawn is kept in this browser.',
    })
  })

  it('shows what the server finds wrong, until that is changed', async () => {
    saves(() =>
      refusal(422, 'invalid-graph', 'The graph cannot be saved: nodes.1.data.image is wrong.', {
        fields: [
          { path: 'nodes.1.data.ports.0', message: 'has a key that cannot be stored' },
          { path: 'edges.0.target', message: 'there is no node x' },
          { path: 'nodes', message: 'at most 500.' },
        ],
      }),
    )
    const { draft, saving, state } = begin()
    draft.edit('Move', move(8))
    await saving.save()
    expect(state()).toMatchObject({
      kind: 'failed',
      reason: 'The graph cannot be saved: nodes.1.data.image is wrong.',
    })
    expect(complaintsAbout(draft.getState(), saving.getState())).toEqual([
      {
        node_id: 'web',
        edge_id: null,
        path: '/ports/0',
        code: 'invalid-graph',
        severity: 'error',
        message: 'Has a key that cannot be stored.',
      },
      {
        node_id: null,
        edge_id: 'service-web',
        path: '',
        code: 'invalid-graph',
        severity: 'error',
        message: 'There is no node x.',
      },
      {
        node_id: null,
        edge_id: null,
        path: '',
        code: 'invalid-graph',
        severity: 'error',
        message: 'At most 500.',
      },
    ])
    draft.edit('Move', move(16))
    expect(state()).toEqual({ kind: 'unsaved' })
    expect(complaintsAbout(draft.getState(), saving.getState())).toEqual([])
  })
})

describe('when somebody else has saved', () => {
  const theirs = move(99)(starterGraph())
  const conflict = () =>
    refusal(409, 'revision-conflict', 'The workflow was saved meanwhile by Eve.', {
      body: { revision: 4, saved_by: { user_id: 'u2', name: 'Eve' } },
    })

  function withTheirs() {
    const sent = saves((graph, revision) => (revision < 4 ? conflict() : took(graph, revision)))
    server.use(on('get', `/workflows/${ID}`, () => HttpResponse.json(workflowWith(theirs, 4))))
    return sent
  }

  it('finds out who, and what they have', async () => {
    withTheirs()
    const { draft, saving, state } = begin()
    draft.edit('Move', move(8))
    expect(await saving.save()).toBe(false)
    expect(state()).toEqual({ kind: 'conflict' })
    expect(saving.getState().other).toEqual({ name: 'Eve', at: AT })
    expect(draft.getState()).toMatchObject({ behind: { revision: 4, graph: theirs } })
    saving.putOff()
    expect(state()).toEqual({ kind: 'unsaved' })
  })

  it('does not ask the server what is known', async () => {
    const sent = saves()
    const { draft, saving, state } = begin()
    draft.edit('Move', move(8))
    saving.heardFrom({ revision: 4, by: { user_id: 'u2', name: 'Eve' } })
    draft.hear({ revision: 4, graph: theirs })
    expect(state()).toEqual({ kind: 'unsaved' })
    expect(saving.getState().other).toMatchObject({ name: 'Eve' })
    await saving.save()
    expect(state()).toEqual({ kind: 'conflict' })
    expect(sent).toEqual([])
  })

  it('can replace it', async () => {
    const sent = withTheirs()
    const { draft, saving, state } = begin()
    draft.edit('Move', move(8))
    await saving.save()
    expect(await saving.overwrite()).toBe(true)
    expect(state()).toEqual({ kind: 'saved' })
    expect(sent.at(-1)).toEqual({ revision: '"4"', graph: bodyOf(move(8)(starterGraph())) })
  })

  it('can go on from it, as a step that can be undone', async () => {
    withTheirs()
    const { draft, saving, state } = begin()
    draft.edit('Move', move(8))
    await saving.save()
    saving.goOnFrom('Take theirs', theirs)
    expect(state()).toEqual({ kind: 'saved' })
    draft.undo()
    expect(isClean(draft.getState())).toBe(false)
    expect(draft.getState().base.revision).toBe(4)
  })

  it('says why their graph cannot be had', async () => {
    saves(conflict)
    server.use(on('get', `/workflows/${ID}`, () => refusal(404, 'not-found', 'There is no such workflow.')))
    const { draft, saving, state } = begin()
    draft.edit('Move', move(8))
    await saving.save()
    expect(state()).toMatchObject({ kind: 'failed', gone: true })
    saving.heardFrom('nonsense')
    expect(saving.getState().other).toBeNull()
  })
})
