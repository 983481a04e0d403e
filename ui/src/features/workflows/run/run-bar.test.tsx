import { act, screen, waitFor, within } from '@testing-library/react'
import { HttpResponse } from 'msw'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { resetStream } from '@/lib/stream/stream'
import { page } from '@/testing/factories'
import { expectAccessible, renderApp } from '@/testing/render'
import { on, refusal, server } from '@/testing/server'
import { LiveServer, layOut, makeRun, RUN_ID, servePage, WORKFLOW_ID } from '../open/live.fixture'

let live: LiveServer
const LATER = '2026-02-01T12:00:00.000Z'

beforeEach(() => {
  layOut()
  live = new LiveServer()
})

afterEach(() => {
  act(() => resetStream())
})

/** A page whose newest run is this one. */
async function open(run: object, workflow: Parameters<typeof servePage>[0] = {}, others: object[] = []) {
  const made = makeRun({ version: 3, ...run })
  const active = made.status === 'running' || made.status === 'queued'
  servePage({
    deployed_version: 2,
    active_run_id: active ? RUN_ID : null,
    last_run: active ? null : { id: RUN_ID, status: 'failed', version: 3, finished_at: LATER },
    ...workflow,
  })
  server.use(
    on('get', `/runs/${RUN_ID}`, made),
    on('get', `/workflows/${WORKFLOW_ID}/runs`, page([made, ...others])),
  )
  const app = renderApp(`/workflows/${WORKFLOW_ID}`)
  const bar = await screen.findByRole('region', { name: 'Run' }, { timeout: 10_000 })
  return { ...app, bar: within(bar) }
}

const FAILED = {
  status: 'failed',
  error: { message: 'It was not ready after 15 s.', code: 'node-timeout', node_id: 'web' },
}
const RUNNING = { status: 'running', phase: 'waiting', started_at: LATER }

describe('a run that failed', () => {
  it('can be done again as it was', async () => {
    const { bar, user } = await open(FAILED)
    server.use(
      on('post', `/runs/${RUN_ID}/retry`, () =>
        HttpResponse.json(makeRun({ id: 'run-2', version: 3, created_at: LATER }), { status: 202 }),
      ),
    )
    await expectAccessible()
    await user.click(bar.getByRole('button', { name: 'Retry' }))
    expect(await screen.findByText('Queued')).toBeVisible()
  })

  it('says why it cannot be done again', async () => {
    const { bar, user } = await open(FAILED)
    const message = 'This run brought values for itself alone, and they are gone.'
    server.use(on('post', `/runs/${RUN_ID}/retry`, () => refusal(422, 'values-needed', message)))
    await user.click(bar.getByRole('button', { name: 'Retry' }))
    expect(await screen.findByText(message)).toBeVisible()
  })

  it('offers the way back to what was deployed, as a plan', async () => {
    const { bar, user } = await open(FAILED)
    const plan = makeRun({
      id: 'run-2',
      kind: 'rollback',
      status: 'planned',
      plan_first: true,
      plan_expires_at: new Date(Date.now() + 60_000).toISOString(),
      version: 2,
      created_at: LATER,
    })
    server.use(
      on('post', `/workflows/${WORKFLOW_ID}/versions/2/rollback`, () =>
        HttpResponse.json(plan, { status: 202 }),
      ),
      on('get', '/runs/run-2', plan),
      on('get', '/runs/run-2/plan', page([])),
    )
    await user.click(bar.getByRole('button', { name: 'Roll back to v2' }))
    expect(await screen.findByRole('region', { name: 'Plan of the way back to v2' })).toBeVisible()
  })

  it('because the cluster has changed since the plan, offers a plan and no retry', async () => {
    const { bar, user } = await open({
      ...FAILED,
      plan_first: true,
      confirmed_at: LATER,
      error: { message: 'Nothing was changed: the cluster has changed.', code: 'plan-changed' },
    })
    expect(bar.queryByRole('button', { name: 'Retry' })).not.toBeInTheDocument()
    let asked = 0
    server.use(
      on('post', `/workflows/${WORKFLOW_ID}/plan`, () => {
        asked += 1
        return refusal(503, 'queue-unavailable', 'Try again in a moment.')
      }),
    )
    await user.click(bar.getByRole('button', { name: 'Plan again' }))
    expect(await screen.findByText('Try again in a moment.')).toBeVisible()
    expect(asked).toBe(1)
  })

  it('with nothing deployed before has no way back', async () => {
    const { bar } = await open(FAILED, { deployed_version: null })
    expect(bar.queryByRole('button', { name: /^Roll back/ })).not.toBeInTheDocument()
  })
})

describe('cancelling', () => {
  it('offers to go back, and says what is coming', async () => {
    const { bar, user } = await open(RUNNING)
    const bodies: unknown[] = []
    server.use(
      on('post', `/runs/${RUN_ID}/cancel`, async (request) => {
        bodies.push(await request.json())
        return HttpResponse.json(makeRun({ version: 3, ...RUNNING, cancel_requested: true }), { status: 202 })
      }),
    )
    await user.click(bar.getByRole('button', { name: 'Cancel' }))
    await user.click(screen.getByRole('menuitem', { name: 'Cancel and go back to v2' }))
    expect(await screen.findByText('What was deployed before comes back.')).toBeVisible()
    expect(bodies).toEqual([{ rollback: true }])
    live.workflow('run_update', { run: makeRun({ version: 3, ...RUNNING, status: 'cancelled' }) })
    expect(await screen.findByText(/It goes back to what was deployed before/)).toBeVisible()
  })

  it('leaves what was applied, when that is wanted', async () => {
    const { bar, user } = await open(RUNNING)
    const bodies: unknown[] = []
    server.use(
      on('post', `/runs/${RUN_ID}/cancel`, async (request) => {
        bodies.push(await request.json())
        return HttpResponse.json(makeRun({ version: 3, ...RUNNING, cancel_requested: true }), { status: 202 })
      }),
    )
    await user.click(bar.getByRole('button', { name: 'Cancel' }))
    await user.click(screen.getByRole('menuitem', { name: 'Cancel; what was applied stays' }))
    await waitFor(() => expect(bodies).toEqual([{}]))
  })
})

describe('the queue', () => {
  const waiting = (change: object = {}) =>
    makeRun({ id: 'run-2', version: 4, waiting: true, created_at: LATER, ...change })

  it('takes a run behind the active one, and gives it back', async () => {
    const { bar, user } = await open(RUNNING)
    const bodies: unknown[] = []
    server.use(
      on('post', `/workflows/${WORKFLOW_ID}/run`, async (request) => {
        bodies.push(await request.json())
        return HttpResponse.json(waiting(), { status: 202 })
      }),
      on('post', '/runs/run-2/cancel', () =>
        HttpResponse.json(waiting({ status: 'cancelled', waiting: true }), { status: 202 }),
      ),
    )
    await user.click(bar.getByRole('button', { name: 'Run after it' }))
    const list = await bar.findByRole('list', { name: 'Runs that wait' })
    expect(bodies).toEqual([{ queue: true }])
    expect(list).toHaveTextContent('v4 runs after this one, asked for by Ada')
    expect(bar.queryByRole('button', { name: 'Run after it' })).not.toBeInTheDocument()
    expect(bar.getByText('Waiting')).toBeVisible()
    await expectAccessible()
    await user.click(bar.getByRole('button', { name: 'Do not run it' }))
    await waitFor(() => expect(list).not.toBeInTheDocument())
    expect(bar.getByText('Waiting')).toBeVisible()
  })

  it('is known when the page is opened, and goes on by itself', async () => {
    const { bar } = await open(RUNNING, {}, [waiting()])
    expect(await bar.findByRole('list', { name: 'Runs that wait' })).toBeVisible()
    live.workflow('run_update', { run: waiting({ waiting: false, status: 'running', phase: 'applying' }) })
    expect(await screen.findByText('Applying')).toBeVisible()
    expect(screen.queryByRole('list', { name: 'Runs that wait' })).not.toBeInTheDocument()
  })
})
