import { act, screen, waitFor, within } from '@testing-library/react'
import { HttpResponse } from 'msw'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Schema } from '@/lib/api/client'
import { resetStream } from '@/lib/stream/stream'
import { page } from '@/testing/factories'
import { expectAccessible, renderApp } from '@/testing/render'
import { on, refusal, server } from '@/testing/server'
import { LiveServer, layOut, makeRun, RUN_ID, servePage, WORKFLOW_ID } from '../open/live.fixture'

const HOUR = 3_600_000
let live: LiveServer

beforeEach(() => {
  layOut()
  live = new LiveServer()
  server.use(
    on('get', `/workflows/${WORKFLOW_ID}/versions/compare`, comparison({ identical: true })),
    on('get', `/workflows/${WORKFLOW_ID}/manifests`, (request) =>
      new URL(request.url).searchParams.get('format') === 'yaml'
        ? new HttpResponse('apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\ndata:\n  MODE: x\n')
        : HttpResponse.json({ items: [{ node_id: 'cfg' }] }),
    ),
  )
})

afterEach(() => {
  act(() => resetStream())
})

function comparison(change: Partial<Schema<'Comparison'>>): Schema<'Comparison'> {
  return { nodes: [], edges: [], moved: [], settings: [], secrets: [], identical: false, ...change }
}

type Item = Partial<Schema<'PlanItem'>> & Pick<Schema<'PlanItem'>, 'action' | 'name'>

function item(index: number, { kind = 'Deployment', ...more }: Item): Schema<'PlanItem'> {
  return {
    index,
    wave: 0,
    node_id: null,
    object: `${kind} shop/${more.name}`,
    kind,
    namespace: 'shop',
    ...more,
  }
}

const CONFLICT: Item = {
  action: 'conflict',
  name: 'web',
  node_id: 'web',
  needs: 'takeover',
  reason: 'Deployment shop/web: kubectl manages .spec.replicas.',
  conflicts: [{ field: '.spec.replicas', manager: 'kubectl' }],
}
const UPDATE: Item = {
  action: 'update',
  name: 'web',
  node_id: 'web',
  diff: [{ path: 'spec.template.spec.containers[web].image', old: 'a/web:1', new: 'a/web:2' }],
}
const SECRET: Item = {
  action: 'update',
  name: 'secrets',
  kind: 'Secret',
  node_id: 'keys',
  diff: [{ path: 'data.TOKEN', old: '•••', new: '•••' }],
}
const KEPT: Item = {
  action: 'keep',
  name: 'data',
  kind: 'PersistentVolumeClaim',
  node_id: 'gone',
  needs: 'delete',
  reason: 'it holds data',
}
const FOREIGN: Item = { action: 'conflict', name: 'front', kind: 'Service', node_id: 'svc', needs: 'adopt' }
const CREATE: Item = { action: 'create', name: 'settings', kind: 'ConfigMap', node_id: 'cfg' }
const NAMESPACE: Item = {
  action: 'create',
  name: 'shop',
  kind: 'Namespace',
  object: 'Namespace shop',
  namespace: null,
  reason: 'The namespace does not exist yet.',
}
const UNCHANGED: Item = { action: 'unchanged', name: 'front', kind: 'Service', node_id: 'svc' }
const DENIED: Item = {
  action: 'denied',
  name: 'settings',
  kind: 'ConfigMap',
  node_id: 'cfg',
  reason: 'ConfigMap shop/settings: the credentials may not create configmaps.',
}

function plannedRun(change: object = {}) {
  return makeRun({
    kind: 'plan',
    status: 'planned',
    plan_first: true,
    plan_digest: 'digest-1',
    plan_expires_at: new Date(Date.now() + HOUR).toISOString(),
    version: 2,
    ...change,
  })
}

/** A page with a plan; what is posted is noted. */
async function open(items: Item[], run: object = {}, workflow: Parameters<typeof servePage>[0] = {}) {
  const state = servePage({ deployed_version: 1, current_version: 2, ...workflow })
  const served = { run: plannedRun(run) }
  const posted = { plan: [] as unknown[], confirm: [] as unknown[] }
  server.use(
    on('post', `/workflows/${WORKFLOW_ID}/plan`, async (request) => {
      posted.plan.push(await request.json())
      return HttpResponse.json(served.run, { status: 202 })
    }),
    on('get', `/runs/${RUN_ID}`, () => HttpResponse.json(served.run)),
    on('get', `/runs/${RUN_ID}/plan`, page(items.map((each, index) => item(index, each)))),
    on('post', `/runs/${RUN_ID}/confirm`, async (request) => {
      posted.confirm.push(await request.json())
      served.run = plannedRun({ kind: 'deploy', status: 'queued', confirmed_at: new Date().toISOString() })
      return HttpResponse.json(served.run, { status: 202 })
    }),
  )
  const app = renderApp(`/workflows/${WORKFLOW_ID}?plan=${RUN_ID}`)
  const sheet = await screen.findByRole('region', { name: /^Plan/ }, { timeout: 10_000 })
  return { ...app, sheet: within(sheet), posted, served, state }
}

const applyName = /^Apply /
const mark = (id: string) => document.querySelector(`[data-card="${id}"] [data-glyph]`)?.textContent

describe('a plan', () => {
  it('is asked for by keys, and shown once it is there', async () => {
    servePage()
    let run = plannedRun({ status: 'running', phase: 'planning' })
    const headers: (string | null)[] = []
    server.use(
      on('post', `/workflows/${WORKFLOW_ID}/plan`, (request) => {
        headers.push(request.headers.get('Idempotency-Key'))
        return HttpResponse.json(run, { status: 202 })
      }),
      on('get', `/runs/${RUN_ID}`, () => HttpResponse.json(run)),
      on('get', `/runs/${RUN_ID}/plan`, page([item(0, CREATE)])),
    )
    const { user, router } = renderApp(`/workflows/${WORKFLOW_ID}`)
    await screen.findByRole('button', { name: 'Plan' }, { timeout: 10_000 })
    await screen.findByText('staging / shop')
    await user.keyboard('{Control>}{Enter}{/Control}')
    const sheet = await screen.findByRole('region', { name: 'Plan' })
    await waitFor(() => expect(sheet).toHaveTextContent('Planning: the cluster is asked'))
    expect(within(sheet).getByRole('heading', { name: 'Plan' })).toHaveFocus()
    expect(headers).toEqual([expect.stringMatching(/^[0-9a-f]{32}$/)])
    await waitFor(() => expect(router.state.location.search).toBe(`?plan=${RUN_ID}`))
    await expectAccessible()
    // the stream tells that it is there
    run = plannedRun()
    live.workflow('run_update', { run })
    expect(
      await within(sheet).findByRole('button', { name: 'Apply 1 change to staging / shop' }),
    ).toBeVisible()
    expect(screen.queryByRole('region', { name: 'Run' })).not.toBeInTheDocument()
  })

  it('shows objects by what is done, fields of the chosen one, and marks the cards', async () => {
    const { sheet, user } = await open([NAMESPACE, CREATE, UPDATE, SECRET, UNCHANGED, KEPT])
    const list = within(await sheet.findByRole('navigation', { name: 'Objects of the plan' }))
    const headings = list.getAllByRole('heading', { level: 3 }).map((heading) => heading.textContent)
    expect(headings).toEqual(['+Create2', '~Update2', '•Keep1', '=Unchanged1'])
    expect(sheet.getByText('The namespace does not exist yet.')).toBeVisible()
    await waitFor(() => expect(mark('web')).toBe('~Update'))
    expect(mark('cfg')).toBe('+Create')
    expect(mark('svc')).toBe('=Unchanged')
    await user.click(list.getByRole('button', { name: /^web/ }))
    expect(sheet.getByLabelText('Changes of Deployment shop/web')).toHaveTextContent('after: a/web:2')
    await user.click(list.getByRole('button', { name: /^secrets/ }))
    expect(sheet.getByLabelText('Changes of Secret shop/secrets')).toHaveTextContent('before: •••')
    await user.click(list.getByRole('button', { name: /^settings/ }))
    expect(await sheet.findByText('MODE: x', { exact: false })).toBeVisible()
    expect(list.queryByRole('button', { name: /^front/ })).not.toBeInTheDocument()
    await user.click(list.getByRole('button', { name: /Unchanged/ }))
    await user.click(list.getByRole('button', { name: /^front/ }))
    expect(sheet.getByText(/It is as the graph says/)).toBeVisible()
    await expectAccessible()
    await user.click(sheet.getByRole('button', { name: 'Close the plan' }))
    await waitFor(() => expect(mark('web')).toBeUndefined())
  })

  it('is walked through by arrows', async () => {
    const { sheet, user } = await open([CREATE, UPDATE, UNCHANGED])
    const first = await sheet.findByRole('button', { name: /^settings/ })
    first.focus()
    await user.keyboard('{ArrowDown}')
    expect(sheet.getByRole('button', { name: /^web/ })).toHaveFocus()
    await user.keyboard('{Enter}')
    expect(sheet.getByRole('article', { name: 'Deployment shop/web' })).toBeVisible()
    await user.keyboard('{ArrowDown}{Enter}')
    expect(await sheet.findByRole('button', { name: /^front/ })).toBeVisible()
    await user.keyboard('{ArrowUp}{ArrowUp}')
    expect(first).toHaveFocus()
  })

  it('shows the object of a card that is chosen on the graph', async () => {
    const { sheet, user } = await open([CREATE, UPDATE])
    await sheet.findByRole('article', { name: 'ConfigMap shop/settings' })
    const card = document.querySelector<HTMLElement>('[data-card-button="web"]')
    act(() => card?.focus())
    await user.keyboard('{Enter}')
    expect(await sheet.findByRole('article', { name: 'Deployment shop/web' })).toBeVisible()
    expect(screen.queryByRole('complementary', { name: 'web, Deployment' })).not.toBeInTheDocument()
  })

  it('says that there is nothing to do', async () => {
    const { sheet } = await open([UNCHANGED])
    expect(await sheet.findByText(/Nothing to do: the cluster is as the graph says/)).toBeVisible()
    expect(sheet.queryByRole('button', { name: applyName })).not.toBeInTheDocument()
  })

  it('is asked for page by page', async () => {
    const served = await open([])
    server.use(
      on('get', `/runs/${RUN_ID}/plan`, (request) => {
        const second = new URL(request.url).searchParams.get('cursor') === 'next'
        return HttpResponse.json(
          second
            ? page([item(1, UPDATE)], { total: 2 })
            : page([item(0, CREATE)], { total: 2, next_cursor: 'next' }),
        )
      }),
    )
    act(() => live.workflow('run_update', { run: plannedRun({ plan_digest: 'digest-2' }) }))
    expect(
      await served.sheet.findByRole('button', { name: 'Apply 2 changes to staging / shop' }),
    ).toBeVisible()
  })
})

describe('consent', () => {
  it('is asked for a conflict, and goes into the confirmation', async () => {
    const { sheet, user, posted } = await open([CONFLICT, CREATE])
    const apply = await sheet.findByRole('button', { name: 'Apply 1 change to staging / shop' })
    expect(apply).toHaveAttribute('aria-disabled', 'true')
    expect(sheet.getByText('1 object waits for your answer.')).toBeVisible()
    expect(sheet.getByRole('row', { name: '.spec.replicas kubectl' })).toBeVisible()
    await user.click(sheet.getByRole('checkbox', { name: /^Take over 1 field/ }))
    await expectAccessible()
    await user.click(sheet.getByRole('button', { name: 'Apply 2 changes to staging / shop' }))
    await waitFor(() => expect(screen.queryByRole('region', { name: 'Plan' })).not.toBeInTheDocument())
    const takeover = [{ object: 'Deployment shop/web', fields: ['.spec.replicas'] }]
    expect(posted.confirm).toEqual([
      { digest: 'digest-1', consent: { takeover, adopt: [], replace: [], delete: [] } },
    ])
    // the same run goes on in the bar
    expect(await screen.findByRole('region', { name: 'Run' })).toHaveTextContent('Queued')
    await waitFor(() => expect(live.asked.join(' ')).toContain(`run:${RUN_ID}`))
  })

  it('to lose data needs its name', async () => {
    const { sheet, user, posted } = await open([CREATE, KEPT])
    await user.click(await sheet.findByRole('button', { name: /^data/ }))
    expect(sheet.getByText('It stays, because it holds data.')).toBeVisible()
    const box = sheet.getByRole('textbox', { name: 'To delete it too, type data' })
    await user.type(box, 'dat{Enter}')
    expect(sheet.getByRole('button', { name: 'Delete data too' })).toHaveAttribute('aria-disabled', 'true')
    await user.type(box, 'a')
    await user.click(sheet.getByRole('button', { name: 'Delete data too' }))
    expect(sheet.getByText(/is deleted with what is in it/)).toBeVisible()
    await user.click(sheet.getByRole('button', { name: 'Keep it after all' }))
    await user.type(sheet.getByRole('textbox', { name: 'To delete it too, type data' }), 'data{Enter}')
    await user.click(sheet.getByRole('button', { name: 'Apply 2 changes to staging / shop' }))
    await waitFor(() => expect(posted.confirm).toHaveLength(1))
    expect(posted.confirm[0]).toMatchObject({ consent: { delete: ['PersistentVolumeClaim shop/data'] } })
  })

  it('to adopt needs another plan, which is asked for with it', async () => {
    const { sheet, user, posted, served } = await open([FOREIGN, CREATE])
    await user.click(await sheet.findByRole('checkbox', { name: /^Adopt it/ }))
    const apply = sheet.getByRole('button', { name: applyName })
    expect(apply).toHaveAttribute('aria-disabled', 'true')
    expect(sheet.getByText('Plan again, to see what adopting changes.')).toBeVisible()
    served.run = plannedRun({ id: 'run-2', plan_digest: 'digest-2' })
    server.use(
      on('get', '/runs/run-2', () => HttpResponse.json(served.run)),
      on('get', '/runs/run-2/plan', page([item(0, UPDATE)])),
    )
    await user.click(sheet.getByRole('button', { name: 'Plan again' }))
    await waitFor(() => expect(posted.plan).toHaveLength(1))
    expect(posted.plan[0]).toMatchObject({ consent: { adopt: ['Service shop/front'] } })
    expect(await screen.findByRole('article', { name: 'Deployment shop/web' })).toBeVisible()
  })

  it('helps nothing with what the cluster denies', async () => {
    const { sheet } = await open([DENIED, CREATE])
    expect(await sheet.findByText(/the credentials may not create configmaps/)).toBeVisible()
    expect(sheet.getByRole('button', { name: applyName })).toHaveAttribute('aria-disabled', 'true')
    expect(sheet.getByText(/1 object cannot be applied/)).toBeVisible()
  })
})

describe('options', () => {
  it('ask for another plan, and go into it', async () => {
    const { sheet, user, posted } = await open([CREATE])
    await user.click(await sheet.findByRole('button', { name: 'Options' }))
    await user.click(sheet.getByRole('checkbox', { name: /^Go back when it fails/ }))
    const seconds = sheet.getByRole('textbox', { name: /^Seconds for each node/ })
    await user.type(seconds, '4')
    expect(sheet.getByText('A whole number from 5 to 3600.')).toBeVisible()
    await user.type(seconds, '5')
    await expectAccessible()
    expect(sheet.getByText('Plan again, so that the plan is made with these options.')).toBeVisible()
    await user.click(sheet.getByRole('button', { name: 'Plan again' }))
    await waitFor(() => expect(posted.plan).toHaveLength(1))
    expect(posted.plan[0]).toMatchObject({
      options: { rollback_on_failure: true, create_namespaces: true, node_seconds: 45 },
    })
  })

  it('that forbid to make a namespace keep a plan that needs it from being applied', async () => {
    const { sheet } = await open([NAMESPACE], { options: { create_namespaces: false } })
    expect(
      await sheet.findByText(/The namespace shop does not exist, and this run may not make it/),
    ).toBeVisible()
  })
})

describe('confirming that is refused', () => {
  it.each([
    ['plan-changed', 'The plan is not the one you have looked at.'],
    ['plan-expired', 'This plan is too old to be applied.'],
  ])('says why: %s', async (code, message) => {
    const { sheet, user } = await open([CREATE])
    server.use(on('post', `/runs/${RUN_ID}/confirm`, () => refusal(409, code, message)))
    await user.click(await sheet.findByRole('button', { name: applyName }))
    expect(await sheet.findByRole('alert')).toHaveTextContent(message)
    await expectAccessible()
  })

  it('leads to the run that is in its way', async () => {
    const active = { id: 'run-7', status: 'running', phase: 'applying', created_at: '2026-02-01T12:00:00Z' }
    server.use(on('get', '/runs/run-7', makeRun(active)))
    const { sheet, user } = await open([CREATE], {}, { active_run_id: 'run-7' })
    server.use(
      on('post', `/runs/${RUN_ID}/confirm`, () => refusal(409, 'run-active', 'Another run is active.')),
    )
    await user.click(await sheet.findByRole('button', { name: applyName }))
    await user.click(await sheet.findByRole('button', { name: 'See that run' }))
    expect(await screen.findByRole('region', { name: 'Run' })).toHaveTextContent('Applying')
  })
})

describe('a plan that was left', () => {
  it('can be looked at again, and thrown away', async () => {
    const { sheet, user } = await open([CREATE], { plan_summary: { create: 1 } })
    await sheet.findByRole('button', { name: applyName })
    await user.keyboard('{Escape}')
    const bar = await screen.findByRole('region', { name: 'Run' })
    expect(bar).toHaveTextContent('Planned1 to create. Nothing is changed before you apply it.')
    await expectAccessible()
    await user.click(within(bar).getByRole('button', { name: 'Look at the plan' }))
    const again = within(await screen.findByRole('region', { name: 'Plan' }))
    server.use(
      on('post', `/runs/${RUN_ID}/cancel`, () =>
        HttpResponse.json(plannedRun({ status: 'cancelled', started_at: '2026-01-31T12:00:00Z' }), {
          status: 202,
        }),
      ),
    )
    await user.click(await again.findByRole('button', { name: 'Discard' }))
    expect(await screen.findByText(/The plan was thrown away/)).toBeVisible()
    await waitFor(() => expect(screen.queryByRole('region', { name: 'Plan' })).not.toBeInTheDocument())
    expect(screen.queryByRole('region', { name: 'Run' })).not.toBeInTheDocument()
    expect(screen.getByRole('button', { name: 'Run' })).toBeVisible()
  })

  it('says that it is too old', async () => {
    const { sheet } = await open([CREATE], { plan_expires_at: new Date(Date.now() - 1_000).toISOString() })
    expect(await sheet.findByText('Too old')).toBeVisible()
    expect(sheet.getByRole('button', { name: applyName })).toHaveAttribute('aria-disabled', 'true')
    expect(sheet.getByRole('button', { name: 'Plan again' })).toBeVisible()
  })

  it('says that the graph was saved since', async () => {
    server.use(on('get', `/workflows/${WORKFLOW_ID}/versions/compare`, comparison({})))
    const { sheet } = await open([CREATE])
    expect(await sheet.findByText(/The graph was saved since/)).toBeVisible()
  })

  it('says what became of it', async () => {
    const done = { kind: 'deploy', status: 'completed', confirmed_at: new Date().toISOString() }
    const { sheet } = await open([CREATE], done)
    expect(await sheet.findByText(/This plan was confirmed/)).toHaveTextContent('and applied.')
    expect(sheet.queryByRole('button', { name: applyName })).not.toBeInTheDocument()
  })

  it('closes when it is confirmed elsewhere', async () => {
    const { sheet, router } = await open([CREATE])
    await sheet.findByRole('button', { name: applyName })
    const run = plannedRun({ kind: 'deploy', status: 'running', confirmed_at: new Date().toISOString() })
    act(() => live.workflow('run_update', { run }))
    await waitFor(() => expect(router.state.location.search).toBe(''))
  })

  it('is not found any more', async () => {
    servePage()
    server.use(on('get', '/runs/lost', () => refusal(404, 'not-found', 'There is no such run.')))
    renderApp(`/workflows/${WORKFLOW_ID}?plan=lost`)
    expect(await screen.findByText('There is no such run.', {}, { timeout: 10_000 })).toBeVisible()
  })

  it('of a page that was loaded again while it was asked for is given up', async () => {
    servePage()
    const { router } = renderApp(`/workflows/${WORKFLOW_ID}?plan=new`)
    await waitFor(() => expect(router.state.location.search).toBe(''), { timeout: 10_000 })
  })
})

describe('no plan', () => {
  const ask = async () => {
    const app = renderApp(`/workflows/${WORKFLOW_ID}`)
    await screen.findByText('staging / shop', {}, { timeout: 10_000 })
    await app.user.click(screen.getByRole('button', { name: 'Plan' }))
    return { ...app, sheet: within(await screen.findByRole('region', { name: 'Plan' })) }
  }

  it('because of a run that is active: leads there', async () => {
    servePage()
    server.use(
      on('post', `/workflows/${WORKFLOW_ID}/plan`, () =>
        refusal(409, 'run-active', 'A run of this workflow is active.', { body: { run_id: RUN_ID } }),
      ),
      on('get', `/runs/${RUN_ID}`, makeRun({ status: 'running', phase: 'waiting' })),
    )
    const { sheet, user } = await ask()
    expect(await sheet.findByRole('alert')).toHaveTextContent('A run of this workflow is active.')
    await expectAccessible()
    await user.click(sheet.getByRole('button', { name: 'See that run' }))
    expect(await screen.findByRole('region', { name: 'Run' })).toHaveTextContent('Waiting')
  })

  it('because of errors in the graph: names them, and leads to the node', async () => {
    const message = 'Name an image.'
    servePage({}, [], [{ node_id: 'web', path: '/image', code: 'missing', message, severity: 'error' }])
    const app = renderApp(`/workflows/${WORKFLOW_ID}`)
    await screen.findByRole('button', { name: '1 error' }, { timeout: 10_000 })
    await app.user.click(screen.getByRole('button', { name: 'Plan' }))
    const sheet = within(await screen.findByRole('region', { name: 'Plan' }))
    expect(await sheet.findByText(message)).toBeVisible()
    await app.user.click(sheet.getByRole('button', { name: 'web' }))
    expect(await screen.findByRole('complementary', { name: 'web, Deployment' })).toBeVisible()
  })

  it('because the cluster does not answer: says so, and tries again', async () => {
    const error = { message: 'The cluster does not answer.', code: 'cluster-unreachable', node_id: 'web' }
    const { sheet, user, posted, served } = await open([CREATE], { status: 'failed', error })
    expect(await sheet.findByText('The cluster does not answer.')).toBeVisible()
    expect(sheet.getByRole('button', { name: 'Show web' })).toBeVisible()
    served.run = plannedRun({ id: 'run-2', created_at: '2026-02-01T12:00:00Z' })
    server.use(
      on('get', '/runs/run-2', () => HttpResponse.json(served.run)),
      on('get', '/runs/run-2/plan', page([item(0, CREATE)])),
    )
    await user.click(sheet.getByRole('button', { name: 'Plan again' }))
    expect(await screen.findByRole('button', { name: applyName })).toBeVisible()
    expect(posted.plan).toHaveLength(1)
  })

  it('asks with the same key again when no answer came', async () => {
    servePage()
    const keys: (string | null)[] = []
    server.use(
      on('post', `/workflows/${WORKFLOW_ID}/plan`, (request) => {
        keys.push(request.headers.get('Idempotency-Key'))
        return keys.length === 1 ? HttpResponse.error() : refusal(409, 'run-active', 'Busy.')
      }),
    )
    const { sheet, user } = await ask()
    await user.click(await sheet.findByRole('button', { name: 'Plan again' }))
    expect(await sheet.findByText('Busy.')).toBeVisible()
    await user.click(sheet.getByRole('button', { name: 'Plan again' }))
    await waitFor(() => expect(keys).toHaveLength(3))
    expect(keys[1]).toBe(keys[0])
    expect(keys[2]).not.toBe(keys[0])
  })
})
