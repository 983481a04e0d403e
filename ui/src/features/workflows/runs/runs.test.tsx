import { act, screen, waitFor, within } from '@testing-library/react'
import { HttpResponse } from 'msw'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { RunNode } from '@/api/read-run'
import { resetStream } from '@/lib/stream/stream'
import { makeCluster, makeWorkflow, page } from '@/testing/factories'
import { expectAccessible, renderApp } from '@/testing/render'
import { on, refusal, server } from '@/testing/server'
import { AT, LiveServer, makePublicWorkflow, makeRun, RUN_ID, WORKFLOW_ID } from '../open/live.fixture'
import { stepsOf } from './describe'

const RUNS = `/workflows/${WORKFLOW_ID}/runs`
const ONE = `${RUNS}/${RUN_ID}`

let live: LiveServer

beforeEach(() => {
  live = new LiveServer()
  server.use(
    on('get', `/workflows/${WORKFLOW_ID}`, makePublicWorkflow({ deployed_version: 1, current_version: 2 })),
    on('get', '/clusters/cluster-1', { ...makeCluster({ name: 'staging' }) }),
    on('get', '/workflows', page([makeWorkflow({ id: WORKFLOW_ID })])),
  )
})

afterEach(() => {
  act(() => resetStream())
})

const DONE = makeRun({
  status: 'completed',
  version: 2,
  started_at: AT,
  finished_at: AT,
  duration_seconds: 65,
  plan_summary: { create: 1, prune: 1 },
  triggered_by: { kind: 'webhook', name: 'Ada' },
})

describe('the runs', () => {
  const rows = async () => within(await screen.findByRole('table', { name: 'Runs' })).getAllByRole('row')

  test('of one workflow say what, how, who, when and how long', async () => {
    const asked: string[] = []
    server.use(
      on('get', RUNS, (request) => {
        const { search } = new URL(request.url)
        asked.push(search)
        const failed = makeRun({ id: 'run-2', kind: 'teardown', status: 'failed', version: 1 })
        return HttpResponse.json(
          search.includes('cursor')
            ? page([failed], { total: 2 })
            : page([DONE], { total: 2, next_cursor: 'next' }),
        )
      }),
    )
    const { user } = renderApp(RUNS)
    expect((await rows())[1]).toHaveTextContent(/Deploy v2Completed.*Ada, by a webhook.*1 min 5 s/)
    expect(screen.queryByRole('columnheader', { name: 'Workflow' })).not.toBeInTheDocument()
    expect(within((await rows())[1] ?? document.body).getByRole('link')).toHaveAttribute('href', ONE)
    await expectAccessible()
    await user.click(screen.getByRole('button', { name: 'Load more' }))
    await waitFor(async () => expect(await rows()).toHaveLength(3))
    expect((await rows())[2]).toHaveTextContent('Removal v1Failed')
    expect(asked).toEqual(['?limit=50', '?limit=50&cursor=next'])
  })

  test('of all workflows name them, and are in the sidebar', async () => {
    const other = makeRun({ id: 'run-3', workflow_id: 'workflow-9', waiting: true })
    server.use(on('get', '/runs', page([DONE, other])))
    renderApp('/runs')
    await waitFor(async () => expect((await rows())[1]).toHaveTextContent('Shop'))
    expect((await rows())[2]).toHaveTextContent(/A workflow that is gone.*Waits for its turn/)
    const main = within(screen.getByRole('navigation', { name: 'Main' }))
    expect(main.getByRole('link', { name: 'Runs' })).toHaveAttribute('aria-current', 'page')
    expect(within(screen.getByRole('list', { name: 'Runs' })).getAllByRole('listitem')).toHaveLength(2)
    await expectAccessible()
  })

  test('may be none', async () => {
    server.use(on('get', RUNS, page([])))
    renderApp(RUNS)
    expect(await screen.findByRole('heading', { name: 'No runs yet' })).toBeVisible()
    await expectAccessible()
  })

  test('that cannot be loaded say why', async () => {
    server.use(on('get', '/runs', () => refusal(403, 'forbidden', 'You may not list runs.')))
    renderApp('/runs')
    expect(await screen.findByText('You may not list runs.')).toBeVisible()
    expect(screen.getByRole('heading', { name: 'You may not see the runs' })).toBeVisible()
  })
})

const PLAN = page([
  {
    index: 0,
    node_id: 'web',
    object: 'Deployment shop/web',
    kind: 'Deployment',
    namespace: 'shop',
    name: 'web-of-then',
    action: 'update',
    diff: [{ path: 'spec.replicas', old: 1, new: 2 }],
  },
])

/** The page of one run; the run is read at each request. */
function serveRun(change: object, removed: object[] = []) {
  const state = { run: { ...DONE, ...change } }
  server.use(
    on('get', `/runs/${RUN_ID}`, () => HttpResponse.json(state.run)),
    on('get', `/runs/${RUN_ID}/plan`, PLAN),
    on('get', `/runs/${RUN_ID}/removed`, page(removed)),
  )
  return state
}

const heading = (name: string) => screen.findByRole('heading', { level: 1, name })

describe('one run', () => {
  test('shows steps, plan, log and what it has removed', async () => {
    serveRun(
      {
        node_states: { web: { state: 'ready', started_at: AT, finished_at: '2026-01-31T12:00:05Z' } },
        logs: [{ at: AT, level: 'info', node_id: 'web', text: 'Applied.' }],
      },
      [
        {
          node_id: 'door',
          object: 'Service shop/door',
          yaml: 'kind: Service',
          can: 'undo',
          why: 'Version 1 has its node.',
          in_graph: false,
          again: false,
          version: 1,
        },
      ],
    )
    const { user, router } = renderApp(ONE)
    await heading('Deploy v2')
    const steps = within(await screen.findByRole('list', { name: 'Steps' }))
    expect(await steps.findByText('web-of-then')).toBeVisible()
    expect(steps.getByText('5 s')).toBeVisible()
    expect(await screen.findByText('staging / shop')).toBeVisible()
    await expectAccessible()
    await user.click(screen.getByRole('tab', { name: 'Plan' }))
    expect(await screen.findByLabelText('Changes of Deployment shop/web')).toHaveTextContent('replicas')
    await expectAccessible()
    await user.keyboard('{ArrowRight}')
    expect(await screen.findByRole('log')).toHaveTextContent('Applied.')
    expect(router.state.location.search).toBe('?tab=log')
    await user.click(screen.getByRole('tab', { name: 'Removed' }))
    expect(await screen.findByText('Service shop/door')).toBeVisible()
    expect(screen.getByRole('link', { name: 'Put back on the graph' })).toHaveAttribute(
      'href',
      `/workflows/${WORKFLOW_ID}?removed=${RUN_ID}`,
    )
    await expectAccessible()
    expect(screen.getByRole('link', { name: 'Compare with v1' })).toHaveAttribute(
      'href',
      `/workflows/${WORKFLOW_ID}?versions=&from=1&to=2`,
    )
  })

  test('that goes on is followed by the stream, and cancelled', async () => {
    const state = serveRun({
      status: 'running',
      phase: 'applying',
      duration_seconds: null,
      finished_at: null,
      node_states: { web: { state: 'pending' } },
    })
    const asked: unknown[] = []
    server.use(
      on('post', `/runs/${RUN_ID}/cancel`, async (request) => {
        asked.push(await request.json())
        return HttpResponse.json({ ...state.run, cancel_requested: true }, { status: 202 })
      }),
    )
    const { user } = renderApp(ONE)
    await heading('Deploy v2')
    await waitFor(() => expect(live.asked.join(' ')).toContain(`run:${RUN_ID}`))
    act(() => {
      live.run('node_state', { node_id: 'web', state: 'waiting', message: '0 of 2 ready', started_at: AT })
    })
    expect(await screen.findByText('0 of 2 ready')).toBeVisible()
    await user.click(screen.getByRole('button', { name: 'Cancel run' }))
    const dialog = within(await screen.findByRole('alertdialog', { name: 'Cancel this run?' }))
    expect(dialog.getByText('What was applied so far stays on the cluster.')).toBeVisible()
    await user.click(dialog.getByRole('checkbox', { name: /^Bring back v1/ }))
    await expectAccessible()
    await user.click(dialog.getByRole('button', { name: 'Cancel run' }))
    await waitFor(() => expect(screen.queryByRole('alertdialog')).not.toBeInTheDocument())
    expect(asked).toEqual([{ rollback: true }])
    expect(screen.queryByRole('button', { name: 'Cancel run' })).not.toBeInTheDocument()
  })

  test('that failed says why, and is done again', async () => {
    serveRun({ status: 'failed', error: { message: 'Its image is not there.', code: 'x', node_id: 'web' } })
    let asked = 0
    server.use(
      on('post', `/runs/${RUN_ID}/retry`, () => {
        asked += 1
        return asked === 1
          ? refusal(409, 'run-active', 'A run is under way.', { body: { run_id: 'run-7' } })
          : HttpResponse.json(makeRun({ id: 'run-8', status: 'completed', version: 2 }), { status: 202 })
      }),
      on('get', '/runs/run-8', makeRun({ id: 'run-8', status: 'completed', version: 2 })),
      on('get', '/runs/run-8/plan', page([])),
    )
    const { user, router } = renderApp(ONE)
    expect(await screen.findByText('Its image is not there.')).toBeVisible()
    await user.click(screen.getByRole('button', { name: 'Retry' }))
    expect(await screen.findByText('A run is under way.')).toBeVisible()
    expect(screen.getByRole('link', { name: 'See that run' })).toHaveAttribute('href', `${RUNS}/run-7`)
    await expectAccessible()
    await user.click(screen.getByRole('button', { name: 'Retry' }))
    await waitFor(() => expect(router.state.location.pathname).toBe(`${RUNS}/run-8`))
  })

  test('that rests as a plan leads to where it is applied', async () => {
    serveRun({ status: 'planned', plan_first: true, kind: 'plan', duration_seconds: null })
    renderApp(ONE)
    await heading('Plan v2')
    expect(screen.getByRole('link', { name: 'Look at it and apply' })).toHaveAttribute(
      'href',
      `/workflows/${WORKFLOW_ID}?plan=${RUN_ID}`,
    )
    expect(screen.getByRole('button', { name: 'Discard' })).toBeVisible()
  })

  test('that is not there says so', async () => {
    server.use(on('get', `/runs/${RUN_ID}`, () => refusal(404, 'not-found', 'There is no such run.')))
    renderApp(ONE)
    expect(await screen.findByText('There is no such run.')).toBeVisible()
    await expectAccessible()
  })
})

test('steps are in the order in which they began, over the time of all', () => {
  const at = (seconds: number) => `2026-01-31T12:00:${String(seconds).padStart(2, '0')}Z`
  const node = (from: number | null, to: number | null): RunNode => ({
    state: 'ready',
    message: '',
    startedAt: from === null ? null : at(from),
    finishedAt: to === null ? null : at(to),
  })
  const steps = stepsOf({ b: node(5, null), late: node(null, null), a: node(0, 5) }, Date.parse(at(10)))
  expect(steps.map(({ nodeId, bar }) => [nodeId, bar])).toEqual([
    ['a', { from: 0, length: 0.5 }],
    ['b', { from: 0.5, length: 0.5 }],
    ['late', null],
  ])
})
