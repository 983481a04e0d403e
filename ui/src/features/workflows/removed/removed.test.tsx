import { act, screen, waitFor, within } from '@testing-library/react'
import { HttpResponse } from 'msw'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Schema } from '@/lib/api/client'
import { resetStream } from '@/lib/stream/stream'
import { page } from '@/testing/factories'
import { expectAccessible, renderApp } from '@/testing/render'
import { on, refusal, server } from '@/testing/server'
import {
  LiveServer,
  layOut,
  makeGraph,
  makePublicWorkflow,
  makeRun,
  RUN_ID,
  servePage,
  WORKFLOW_ID,
} from '../open/live.fixture'
import { makeRemoved } from './removed.fixture'

const RUNS = `/workflows/${WORKFLOW_ID}/runs`
const SLOW = { timeout: 10_000 }

let live: LiveServer

beforeEach(() => {
  layOut()
  live = new LiveServer()
})

afterEach(() => {
  act(() => resetStream())
})

function removingRun(id: string, change: object = {}) {
  return makeRun({
    id,
    status: 'completed',
    version: 2,
    node_states: { door: { state: 'pruned' } },
    plan_summary: { prune: 1 },
    ...change,
  })
}

const DOOR = makeRemoved('Service shop/door')
const KEY = makeRemoved('Secret shop/key')
const RENAMED = makeRemoved('ConfigMap shop/old', {
  node_id: 'cfg',
  in_graph: true,
  can: 'roll-back',
  why: 'Its node is in the graph as settings. Roll back to version 1, or rename it back to old.',
})
const LOST = makeRemoved('Job shop/once', {
  yaml: '',
  can: 'nothing',
  version: null,
  why: 'No version is known that had its node.',
})

/** A page on which the removals of one run are looked at; `items` is read at each request. */
async function open(items: Schema<'RemovedObject'>[], change: Partial<Schema<'PublicWorkflow'>> = {}) {
  const state = servePage({ deployed_version: 2, current_version: 2, status: 'published', ...change })
  const removed = { items }
  server.use(
    on('get', RUNS, page([removingRun(RUN_ID)])),
    on('get', `/runs/${RUN_ID}/removed`, () =>
      HttpResponse.json({ items: removed.items, total: removed.items.length, next_cursor: null }),
    ),
  )
  const app = renderApp(`/workflows/${WORKFLOW_ID}?removed=${RUN_ID}`)
  const sheet = within(await screen.findByRole('region', { name: 'Removed objects' }, SLOW))
  return { ...app, sheet, state, removed }
}

/** What the server answers when these nodes are back. */
function undone(returned: string[], skipped: Schema<'Skipped'>[] = []): Schema<'UndoAnswer'> {
  const { nodes, edges } = makeGraph()
  const back = returned.map((id) => ({ id, type: 'service', position: { x: 0, y: 0 }, data: { name: id } }))
  return {
    workflow: makePublicWorkflow({ revision: 4, nodes: [...nodes, ...back], edges }),
    returned,
    skipped,
  }
}

describe('what was removed', () => {
  it('is listed by what can be done, each with its last YAML', async () => {
    const { sheet, user } = await open([LOST, DOOR, KEY, RENAMED])
    const groups = await sheet.findAllByRole('heading', { level: 3 })
    expect(groups.map((heading) => heading.textContent)).toEqual([
      'Can be put back2',
      'Only by the way back to a version1',
      'Nothing to put back1',
      'door',
    ])
    expect(sheet.getByLabelText('YAML of Service shop/door')).toHaveTextContent('kind: Service')
    await user.click(sheet.getByRole('button', { name: /^key/ }))
    expect(sheet.getByText('Its values are not part of it, and are never shown.')).toBeVisible()
    await user.click(sheet.getByRole('button', { name: /^once/ }))
    expect(sheet.getByText('No version is known that had its node.')).toBeVisible()
    expect(sheet.getByText(/^This run has removed more than it keeps the YAML of/)).toBeVisible()
    await expectAccessible()
  })

  it('is walked by arrows', async () => {
    const { sheet, user } = await open([DOOR, KEY])
    await user.click(await sheet.findByRole('checkbox', { name: 'Put back door, Service' }))
    await user.keyboard('{ArrowDown}')
    expect(sheet.getByRole('button', { name: /^key/ })).toHaveFocus()
    await user.keyboard('{ArrowUp}')
    expect(sheet.getByRole('button', { name: /^door/ })).toHaveFocus()
  })

  it('offers the way back to the version of a node that is called otherwise now', async () => {
    const { sheet, user } = await open([RENAMED])
    const planned = makeRun({ id: 'run-5', kind: 'rollback', plan_first: true, version: 1 })
    const asked: unknown[] = []
    server.use(
      on('post', `/workflows/${WORKFLOW_ID}/versions/1/rollback`, async (request) => {
        asked.push(await request.json())
        return HttpResponse.json(planned, { status: 202 })
      }),
      on('get', '/runs/run-5', planned),
    )
    expect(await sheet.findByText(/^Its node is in the graph as settings/)).toBeVisible()
    expect(sheet.queryByRole('checkbox')).not.toBeInTheDocument()
    await user.click(sheet.getByRole('button', { name: 'Plan the way back to v1' }))
    expect(await screen.findByRole('region', { name: 'Plan of the way back to v1' })).toBeVisible()
    expect(asked).toEqual([expect.objectContaining({ plan_first: true })])
    expect(screen.queryByRole('region', { name: 'Removed objects' })).not.toBeInTheDocument()
  })

  it('may be nothing', async () => {
    const { sheet } = await open([])
    expect(await sheet.findByText(/^This run has removed nothing/)).toBeVisible()
    await expectAccessible()
  })

  it('that cannot be loaded says why', async () => {
    servePage()
    server.use(
      on('get', RUNS, page([])),
      on('get', `/runs/${RUN_ID}/removed`, () => refusal(404, 'not-found', 'There is no such run.')),
    )
    renderApp(`/workflows/${WORKFLOW_ID}?removed=${RUN_ID}`)
    expect(await screen.findByText('There is no such run.', {}, SLOW)).toBeVisible()
  })
})

describe('putting back', () => {
  it('takes the nodes that are chosen, and then offers the plan', async () => {
    const { sheet, user, removed } = await open([DOOR, KEY])
    const asked: unknown[] = []
    server.use(
      on('post', `/runs/${RUN_ID}/undo`, async (request) => {
        asked.push(await request.json())
        removed.items = [
          {
            ...DOOR,
            in_graph: true,
            can: 'nothing',
            why: 'Its node is in the graph; the next run makes it again.',
          },
          KEY,
        ]
        return HttpResponse.json(undone(['door']))
      }),
      on('post', `/workflows/${WORKFLOW_ID}/plan`, () => refusal(409, 'run-active', 'A run is active.')),
    )
    expect(await sheet.findByRole('button', { name: 'Put 2 nodes back on the canvas' })).toBeVisible()
    await user.click(sheet.getByRole('checkbox', { name: 'Put back key, Secret' }))
    await user.click(sheet.getByRole('button', { name: 'Put 1 node back on the canvas' }))
    const said = await sheet.findByText(/^door is on the canvas again\. Nothing reaches the cluster/)
    expect(said).toBeVisible()
    expect(asked).toEqual([{ revision: 3, nodes: ['door'] }])
    expect(document.querySelector('[data-card="door"]')).toBeInTheDocument()
    expect(await sheet.findByText('Nothing to put back')).toBeVisible()
    expect(document.activeElement).toContainElement(said)
    await expectAccessible()
    await user.click(sheet.getByRole('button', { name: 'Plan the run' }))
    expect(await screen.findByRole('region', { name: 'Plan' })).toBeVisible()
  })

  it('needs a choice', async () => {
    const { sheet, user } = await open([DOOR])
    await user.click(await sheet.findByRole('checkbox', { name: 'Put back door, Service' }))
    expect(sheet.getByRole('button', { name: 'Put nodes back on the canvas' })).toHaveAttribute(
      'aria-disabled',
      'true',
    )
  })

  it('says what did not come, and why', async () => {
    const { sheet, user, removed } = await open([DOOR, KEY])
    server.use(
      on('post', `/runs/${RUN_ID}/undo`, () => {
        removed.items = [{ ...DOOR, in_graph: true, can: 'nothing' }, LOST]
        return HttpResponse.json(
          undone(['door'], [{ node_id: 'key', object: KEY.object, why: 'Version 1 is not kept any more.' }]),
        )
      }),
    )
    await user.click(await sheet.findByRole('button', { name: 'Put 2 nodes back on the canvas' }))
    expect(await sheet.findByText('Secret shop/key. Version 1 is not kept any more.')).toBeVisible()
  })

  it('shows the graph of whoever saved meanwhile, and goes on from it', async () => {
    const { sheet, user, state } = await open([DOOR])
    const asked: unknown[] = []
    server.use(
      on('post', `/runs/${RUN_ID}/undo`, async (request) => {
        asked.push(await request.json())
        return asked.length === 1
          ? refusal(409, 'revision-conflict', 'Revision 7 was saved.')
          : HttpResponse.json(undone(['door']))
      }),
    )
    state.workflow = { ...state.workflow, revision: 7 }
    const button = await sheet.findByRole('button', { name: 'Put 1 node back on the canvas' })
    await user.click(button)
    expect(
      await sheet.findByText(/^Nothing was put back, because somebody has saved meanwhile/),
    ).toBeVisible()
    await expectAccessible()
    await waitFor(() => expect(button).toBeEnabled())
    await waitFor(async () => {
      await user.click(button)
      expect(asked.at(-1)).toEqual({ revision: 7, nodes: ['door'] })
    })
  })

  it('is refused with the reason of the server', async () => {
    const { sheet, user } = await open([DOOR])
    server.use(
      on('post', `/runs/${RUN_ID}/undo`, () => refusal(409, 'archived', 'The workflow is archived.')),
    )
    await user.click(await sheet.findByRole('button', { name: 'Put 1 node back on the canvas' }))
    expect(await sheet.findByText('The workflow is archived.')).toBeVisible()
  })
})

describe('the way there', () => {
  it('is in the bar of a run that has removed something', async () => {
    const running = removingRun(RUN_ID, { status: 'running', phase: 'pruning', node_states: {} })
    servePage({ active_run_id: RUN_ID })
    server.use(
      on('get', `/runs/${RUN_ID}`, running),
      on('get', RUNS, page([removingRun(RUN_ID)])),
      on('get', `/runs/${RUN_ID}/removed`, page([DOOR])),
    )
    const { user, router } = renderApp(`/workflows/${WORKFLOW_ID}`)
    expect(await screen.findByText('Pruning', {}, SLOW)).toBeVisible()
    live.run('node_state', { node_id: 'door', state: 'pruned' })
    expect(screen.queryByRole('button', { name: 'What was removed' })).not.toBeInTheDocument()
    live.run('complete', { run: removingRun(RUN_ID, { node_states: undefined }) })
    await user.click(await screen.findByRole('button', { name: 'What was removed' }))
    expect(await screen.findByRole('region', { name: 'Removed objects' }, SLOW)).toBeVisible()
    expect(router.state.location.search).toBe(`?removed=${RUN_ID}`)
    await user.keyboard('{Escape}')
    await waitFor(() => expect(router.state.location.search).toBe(''))
  })

  it('is in the versions, and leads to the newest run that has removed something', async () => {
    servePage()
    server.use(
      on('get', `/workflows/${WORKFLOW_ID}/versions`, page([])),
      on(
        'get',
        RUNS,
        page([
          removingRun('run-9', { node_states: { web: { state: 'ready' } } }),
          removingRun('run-8', { version: 8 }),
          removingRun('run-7', { version: 7 }),
        ]),
      ),
      on('get', '/runs/run-8/removed', page([DOOR])),
      on('get', '/runs/run-7/removed', page([KEY])),
    )
    const { user, router } = renderApp(`/workflows/${WORKFLOW_ID}?versions=`)
    await user.click(await screen.findByRole('button', { name: 'What runs have removed' }, SLOW))
    const sheet = within(await screen.findByRole('region', { name: 'Removed objects' }, SLOW))
    expect(await sheet.findByRole('button', { name: /^door/ })).toBeVisible()
    const runs = sheet.getByRole('combobox', { name: 'Removed by' })
    expect(
      within(runs)
        .getAllByRole('option')
        .map((option) => option.textContent.slice(0, 2)),
    ).toEqual(['v8', 'v7'])
    await user.selectOptions(runs, 'run-7')
    expect(await sheet.findByRole('button', { name: /^key/ })).toBeVisible()
    expect(router.state.location.search).toBe('?removed=run-7')
    await expectAccessible()
  })

  it('says that no run has removed anything', async () => {
    servePage()
    renderApp(`/workflows/${WORKFLOW_ID}?removed=`)
    expect(await screen.findByText(/^None of the last runs has removed anything/, {}, SLOW)).toBeVisible()
    await expectAccessible()
  })
})
