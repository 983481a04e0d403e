import { act, screen, waitFor, within } from '@testing-library/react'
import { HttpResponse } from 'msw'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { resetStream } from '@/lib/stream/stream'
import { expectAccessible, renderApp } from '@/testing/render'
import { on, refusal, server } from '@/testing/server'
import {
  AT,
  LiveServer,
  layOut,
  makeRun,
  makeStatus,
  RUN_ID,
  servePage,
  WORKFLOW_ID,
} from './open/live.fixture'

let live: LiveServer

beforeEach(() => {
  layOut()
  live = new LiveServer()
})

afterEach(() => {
  act(() => resetStream())
})

async function open(query = '') {
  const app = renderApp(`/workflows/${WORKFLOW_ID}${query}`)
  // the first test waits until the page's part has been loaded
  await screen.findByRole('heading', { name: 'Shop', level: 1 }, { timeout: 10_000 })
  await waitFor(() => expect(live.asked.length).toBeGreaterThan(0))
  return app
}

function card(id: string): HTMLElement {
  const found = document.querySelector<HTMLElement>(`[data-card="${id}"]`)
  if (found === null) throw new Error(`no card ${id}`)
  return found
}

/** By the keyboard: pressing the pointer over the canvas asks for a window that events of a test do not have. */
async function openCard(user: ReturnType<typeof renderApp>['user'], id: string) {
  const button = document.querySelector<HTMLElement>(`[data-card-button="${id}"]`)
  act(() => button?.focus())
  await user.keyboard('{Enter}')
}

function snapshot(statuses: object[] = [], active: string | null = null) {
  live.workflow('metadata', { workflow: { revision: 3 }, node_statuses: statuses, active_run_id: active })
}

describe('the graph', () => {
  it('shows cards with kind, namespace and values, without violations', async () => {
    servePage()
    await open()
    expect(within(card('web')).getByText('web:1')).toBeVisible()
    expect(card('web')).toHaveTextContent('Deployment · shop')
    await waitFor(() => expect(card('web')).toHaveTextContent('Not deployed'))
    expect(await screen.findByText('staging / shop')).toBeVisible()
    await expectAccessible()
  })

  it('follows the status of each node', async () => {
    servePage()
    await open()
    snapshot([makeStatus('web', { state: 'progressing', ready: 1, desired: 2, message: '1 of 2 ready.' })])
    await waitFor(() => expect(card('web')).toHaveTextContent('Progressing'))
    expect(card('web')).toHaveTextContent('ready 1/2')
    live.workflow(
      'node_update',
      makeStatus('web', { state: 'missing', message: 'It is not on the cluster.' }),
    )
    await waitFor(() => expect(card('web')).toHaveAttribute('data-tone', 'missing'))
    expect(card('web')).toHaveTextContent('It is not on the cluster.')
    live.workflow('node_update', { nonsense: true })
    live.workflow('weather', {})
    live.workflow('workflow_sync', { node_statuses: [makeStatus('svc', { address: '10.0.0.7:80' })] })
    await waitFor(() => expect(card('svc')).toHaveTextContent('10.0.0.7:80'))
    expect(card('web')).toHaveTextContent('Not deployed')
  })

  it('greys what is no longer known to be true, and keeps its word', async () => {
    servePage({}, [makeStatus('web', { stale_since: '2026-01-31T12:00:00.000Z' })])
    await open()
    await waitFor(() => expect(card('web')).toHaveAttribute('data-stale'))
    expect(card('web')).toHaveTextContent(/Healthy, as of/)
    expect(screen.getByRole('button', { name: '1 stale' })).toBeVisible()
  })

  it('shows who else is here and at which card, and never oneself', async () => {
    servePage()
    await open()
    snapshot([])
    const person = (id: string, name: string, change = {}) => ({
      id,
      name,
      color: ['#', '0b6bcb'].join(''),
      node_id: null,
      editing: false,
      ...change,
    })
    const others = [person('c9', 'Bo', { node_id: 'web', editing: true }), person('c8', 'Cy')]
    live.workflow('presence', { people: [person('c1', 'Ada'), ...others] })
    const here = await screen.findByRole('list', { name: 'Also here' })
    expect(
      within(here)
        .getAllByRole('button')
        .map((each) => each.getAttribute('aria-label')),
    ).toEqual(['Bo, with unsaved changes', 'Cy'])
    expect(card('web')).toHaveTextContent('Bo')
    expect(card('svc')).not.toHaveTextContent('Bo')
    await expectAccessible()
    live.workflow('presence', { people: [person('c1', 'Ada')] })
    await waitFor(() => expect(here).not.toBeInTheDocument())
    await waitFor(() => expect(live.asked.at(-1)).toContain('"workflow_id":"workflow-1"'))
  })

  it('lets nodes of one state stand out', async () => {
    servePage({}, [makeStatus('web'), makeStatus('svc', { state: 'degraded' })])
    const { user } = await open()
    await user.click(await screen.findByRole('button', { name: '1 degraded' }))
    expect(card('web')).toHaveAttribute('data-faded')
    expect(card('svc')).not.toHaveAttribute('data-faded')
    await user.click(screen.getByRole('button', { name: '1 degraded' }))
    expect(card('web')).not.toHaveAttribute('data-faded')
  })

  it('bears a type and a picture it does not know', async () => {
    servePage({
      nodes: [{ id: 'new', type: 'hologram', position: { x: 0, y: 0 }, data: { name: 'x', size: 3 } }],
      edges: [],
    })
    const { user } = await open()
    expect(card('new')).toHaveTextContent('hologram')
    await openCard(user, 'new')
    await user.click(screen.getByRole('tab', { name: 'Configure' }))
    expect(await screen.findByText(/does not know the type “hologram”/)).toBeVisible()
    expect(screen.getByText('size')).toBeVisible()
  })

  it('says that nothing is drawn', async () => {
    servePage({ nodes: [], edges: [] })
    const { user } = await open()
    expect(screen.getByText('Nothing is drawn yet')).toBeVisible()
    await user.click(screen.getByRole('button', { name: 'Run' }))
    expect(screen.getByRole('button', { name: 'Run' })).toHaveAttribute('aria-disabled', 'true')
  })

  it('shows the graph as a list, with the same nodes', async () => {
    servePage({}, [makeStatus('svc', { address: '10.0.0.7:80', message: '1 endpoint ready.' })])
    const { user } = await open('?view=list')
    const list = screen.getByRole('list', { name: 'Nodes' })
    expect(within(list).getAllByRole('listitem')).toHaveLength(4)
    expect(await within(list).findByText('10.0.0.7:80')).toBeVisible()
    await expectAccessible()
    await user.click(within(list).getByRole('button', { name: 'web' }))
    expect(screen.getByRole('complementary', { name: 'web, Deployment' })).toBeVisible()
    await user.click(screen.getByRole('button', { name: 'Show the graph' }))
    expect(card('web')).toBeVisible()
  })
})

describe('keys', () => {
  it('walk from card to card and open one', async () => {
    servePage()
    const { user } = await open()
    const first = within(card('svc')).getByRole('button', { name: /^front/ })
    await waitFor(() => expect(first).toHaveAttribute('tabindex', '0'))
    first.focus()
    await user.keyboard('{ArrowRight}')
    expect(within(card('web')).getByRole('button', { name: /^web/ })).toHaveFocus()
    await user.keyboard('{ArrowRight}')
    await user.keyboard(',')
    expect(within(card('keys')).getByRole('button', { name: /^secrets/ })).toHaveFocus()
    await user.keyboard('.')
    expect(within(card('web')).getByRole('button', { name: /^web/ })).toHaveFocus()
    await user.keyboard('+-01x')
    await user.keyboard('{Control>}1{/Control}')
    await user.keyboard('{Enter}')
    const inspector = screen.getByRole('complementary', { name: 'web, Deployment' })
    expect(within(inspector).getByRole('heading', { name: 'web' })).toHaveFocus()
    await user.keyboard('{Escape}')
    await waitFor(() => expect(inspector).not.toBeInTheDocument())
    expect(within(card('web')).getByRole('button', { name: /^web/ })).toHaveFocus()
  })
})

describe('a run', () => {
  it('goes from the button to the address', async () => {
    servePage()
    const keys: (string | null)[] = []
    server.use(
      on('post', `/workflows/${WORKFLOW_ID}/run`, (request) => {
        keys.push(request.headers.get('Idempotency-Key'))
        return HttpResponse.json(makeRun(), { status: 202 })
      }),
    )
    const { user } = await open()
    snapshot()
    await user.click(screen.getByRole('button', { name: 'Run' }))
    const bar = await screen.findByRole('region', { name: 'Run' })
    expect(bar).toHaveTextContent('Queued')
    expect(keys).toEqual([expect.stringMatching(/^[0-9a-f]{32}$/)])
    await waitFor(() => expect(live.asked.at(-1)).toContain(`run:${RUN_ID}`))
    live.run('phase', { phase: 'applying' })
    live.run('node_state', {
      node_id: 'web',
      state: 'waiting',
      message: '0 of 2 ready',
      started_at: '2026-01-31T12:00:00Z',
    })
    live.run('node_state', { node_id: 'svc', state: 'ready' })
    live.run('log', {
      at: '2026-01-31T12:00:01Z',
      level: 'info',
      node_id: 'web',
      text: 'Created Deployment shop/web.',
    })
    await waitFor(() => expect(bar).toHaveTextContent('web: 0 of 2 ready'))
    expect(bar).toHaveTextContent('1 of 2 ready')
    expect(card('web')).toHaveTextContent('Waiting')
    expect(screen.getByRole('button', { name: 'Run' })).toHaveAttribute('aria-disabled', 'true')
    await expectAccessible()
    live.workflow('node_update', makeStatus('svc', { address: '10.0.0.7:80' }))
    live.run('complete', {
      run: makeRun({ status: 'completed', plan_summary: { create: 4 }, duration_seconds: 2 }),
    })
    await waitFor(() => expect(bar).toHaveTextContent('Completed'))
    expect(bar).toHaveTextContent('4 created')
    expect(card('web')).toHaveTextContent('Not deployed')
    expect(within(card('svc')).getByRole('button', { name: 'Copy address 10.0.0.7:80' })).toBeVisible()
    await user.click(within(bar).getByRole('button', { name: 'Close' }))
    expect(bar).not.toBeInTheDocument()
  })

  it('shows the one that is under way when a second is refused', async () => {
    servePage()
    server.use(
      on('post', `/workflows/${WORKFLOW_ID}/run`, () =>
        refusal(409, 'run-active', 'This workflow is running already.', { body: { run_id: RUN_ID } }),
      ),
      on('get', `/runs/${RUN_ID}`, makeRun({ status: 'running', phase: 'waiting' })),
    )
    const { user } = await open()
    await user.click(screen.getByRole('button', { name: 'Run' }))
    expect(await screen.findByRole('region', { name: 'Run' })).toHaveTextContent('Waiting')
    expect(screen.getByText(/running already: you see that run/)).toBeVisible()
  })

  it('is refused with its issues, and shows the node', async () => {
    servePage()
    server.use(
      on('post', `/workflows/${WORKFLOW_ID}/run`, () =>
        refusal(422, 'graph-invalid', 'The graph has 1 error.', {
          body: {
            issues: [{ node_id: 'web', path: '/image', code: 'missing-image', message: 'Name an image.' }],
          },
        }),
      ),
    )
    const { user } = await open()
    await user.click(screen.getByRole('button', { name: 'Run' }))
    expect(await screen.findByRole('region', { name: 'Run' })).toHaveTextContent('The graph has 1 error.')
    expect(await screen.findByRole('complementary', { name: 'web, Deployment' })).toBeVisible()
  })

  it('does not begin while errors are known, and lists them', async () => {
    servePage(
      {},
      [],
      [
        {
          node_id: 'web',
          path: '/image',
          code: 'missing-image',
          message: 'Name an image.',
          severity: 'error',
          remedy: { text: 'Enter one', action: 'change-field' },
        },
        { node_id: 'svc', path: '', code: 'lonely', message: 'It selects nothing.', severity: 'warning' },
        { node_id: null, path: '', code: 'odd', message: 'Something else.', severity: 'error' },
      ],
    )
    const { user } = await open()
    await user.click(await screen.findByRole('button', { name: '2 errors' }))
    const drawer = screen.getByRole('region', { name: 'Drawer' })
    expect(within(drawer).getAllByRole('listitem')).toHaveLength(3)
    await user.click(screen.getByRole('button', { name: 'Run' }))
    expect(await screen.findByRole('region', { name: 'Run' })).toHaveTextContent(
      'Name an image. (and 1 more)',
    )
    const inspector = await screen.findByRole('complementary', { name: 'web, Deployment' })
    expect(await within(inspector).findByText('Name an image.')).toBeVisible()
    // its remedy leads to the field that only a person can fill in
    await user.click(within(drawer).getByRole('button', { name: 'Enter one' }))
    await waitFor(() => expect(within(inspector).getByRole('textbox', { name: /^Image/ })).toHaveFocus())
    await user.click(within(drawer).getByRole('button', { name: 'front' }))
    expect(screen.getByRole('complementary', { name: 'front, Service' })).toBeVisible()
  })

  it('names the first cause when it fails, leads to the node, and can be repeated', async () => {
    servePage({ last_run: { id: RUN_ID, status: 'failed', version: 1, finished_at: '2026-01-31T12:00:00Z' } })
    server.use(
      on(
        'get',
        `/runs/${RUN_ID}`,
        makeRun({
          status: 'failed',
          error: { message: 'ImagePullBackOff: no such image.', code: 'node-failed', node_id: 'web' },
          node_states: {
            web: { state: 'failed', message: 'No such image.' },
            cfg: { state: 'ready', message: '' },
          },
        }),
      ),
    )
    const { user } = await open()
    const bar = await screen.findByRole('region', { name: 'Run' })
    expect(bar).toHaveTextContent('web: ImagePullBackOff: no such image.')
    expect(card('web')).toHaveTextContent('Failed')
    expect(card('cfg')).not.toHaveTextContent('Ready')
    expect(screen.getByRole('button', { name: 'Run again' })).toBeVisible()
    await user.click(within(bar).getByRole('button', { name: 'web' }))
    expect(screen.getByRole('complementary', { name: 'web, Deployment' })).toHaveTextContent('No such image.')
  })

  it('can be cancelled, and says what stays', async () => {
    servePage({ active_run_id: RUN_ID })
    let answers = 0
    server.use(
      on('get', `/runs/${RUN_ID}`, makeRun({ status: 'running', phase: 'waiting' })),
      on('post', `/runs/${RUN_ID}/cancel`, () => {
        answers += 1
        if (answers === 1) return refusal(503, 'storage-unavailable', 'Try again in a moment.')
        return HttpResponse.json(makeRun({ status: 'running', phase: 'waiting', cancel_requested: true }), {
          status: 202,
        })
      }),
    )
    const { user } = await open()
    await user.click(await screen.findByRole('button', { name: 'Cancel' }))
    expect(await screen.findByText('Try again in a moment.')).toBeVisible()
    await user.click(await screen.findByRole('button', { name: 'Cancel' }))
    expect(await screen.findByRole('button', { name: 'Cancelling' })).toBeDisabled()
    live.workflow('run_update', {
      run: makeRun({ status: 'cancelled', node_states: undefined, logs: undefined }),
    })
    await waitFor(() =>
      expect(screen.getByRole('region', { name: 'Run' })).toHaveTextContent(
        'What was applied before stays on the cluster.',
      ),
    )
  })

  it('needs a cluster', async () => {
    servePage({ cluster_id: null })
    await open()
    expect(screen.getByText('No cluster / shop')).toBeVisible()
    expect(screen.getByRole('button', { name: 'Run' })).toHaveAttribute('aria-disabled', 'true')
  })
})

describe('the log', () => {
  const logs = Array.from({ length: 300 }, (_, index) => ({
    at: `2026-01-31T12:00:00.${String(index).padStart(3, '0')}Z`,
    level: index === 2 ? 'error' : 'info',
    node_id: index % 2 === 0 ? 'web' : null,
    text: `line ${index}`,
  }))

  it('shows lines, filters them, copies and downloads them', async () => {
    servePage({
      last_run: { id: RUN_ID, status: 'completed', version: 1, finished_at: '2026-01-31T12:00:00Z' },
    })
    server.use(on('get', `/runs/${RUN_ID}`, makeRun({ status: 'completed', logs })))
    const { user } = await open('?drawer=run')
    expect(await screen.findByText('300 lines')).toBeVisible()
    expect(screen.queryByRole('region', { name: 'Run' })).not.toBeInTheDocument()
    expect(within(screen.getByRole('log')).getAllByRole('listitem').length).toBeLessThan(100)
    await user.selectOptions(screen.getByRole('combobox', { name: 'Lines of' }), 'web')
    expect(screen.getByText('150 lines')).toBeVisible()
    await user.selectOptions(screen.getByRole('combobox', { name: 'Lines of' }), 'All nodes')
    const create = vi.fn(() => 'blob:log')
    vi.stubGlobal('URL', Object.assign(URL, { createObjectURL: create, revokeObjectURL: vi.fn() }))
    vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(() => undefined)
    await user.click(screen.getByRole('button', { name: 'Download log' }))
    expect(create).toHaveBeenCalledOnce()
    await expectAccessible()
    const [first] = within(screen.getByRole('log')).getAllByRole('button', { name: 'web' })
    if (first !== undefined) await user.click(first)
    expect(screen.getByRole('complementary', { name: 'web, Deployment' })).toBeVisible()
  })

  it('stops to follow when one scrolls away, and counts what comes', async () => {
    servePage({ active_run_id: RUN_ID })
    server.use(on('get', `/runs/${RUN_ID}`, makeRun({ status: 'running', phase: 'applying', logs })))
    const { user } = await open('?drawer=run')
    await screen.findByText('300 lines')
    await waitFor(() => expect(live.asked.join(' ')).toContain(`run:${RUN_ID}`))
    const box = screen.getByRole('log')
    Object.defineProperties(box, { scrollHeight: { value: 6_600 }, clientHeight: { value: 200 } })
    box.scrollTop = 1_000
    act(() => {
      box.dispatchEvent(new Event('scroll', { bubbles: true }))
    })
    expect(await screen.findByRole('button', { name: 'Follow' })).toBeVisible()
    live.run('log', { at: '2026-01-31T12:00:09Z', text: 'new' })
    await user.click(await screen.findByRole('button', { name: '1 new line' }))
    expect(box.scrollTop).toBe(6_600)
  })

  it('says that no run has spoken, and closes', async () => {
    servePage()
    const { user } = await open('?drawer=run')
    expect(screen.getByText(/No run has said anything yet/)).toBeVisible()
    const bar = screen.getByRole('separator', { name: 'Height of the drawer' })
    bar.focus()
    await user.keyboard('{ArrowUp}')
    expect(bar).toHaveAttribute('aria-valuenow', '304')
    await user.keyboard('{ArrowDown}{ArrowDown}')
    expect(bar).toHaveAttribute('aria-valuenow', '256')
    screen.getByRole('tab', { name: 'Run' }).focus()
    await user.keyboard('{ArrowRight}')
    expect(screen.getByText('Nothing is wrong with this graph.')).toBeVisible()
    await user.click(screen.getByRole('tab', { name: 'Run' }))
    await user.click(screen.getByRole('button', { name: 'Close drawer' }))
    expect(screen.queryByRole('region', { name: 'Drawer' })).not.toBeInTheDocument()
  })
})

describe('the inspector', () => {
  it('shows what was observed', async () => {
    servePage({}, [
      makeStatus('svc', {
        message: '1 endpoint ready.',
        reason: 'Fine',
        address: '10.0.0.7:80',
        ready: 1,
        desired: 1,
        details: { cluster_ip: '10.0.0.7', nothing: null },
        objects: [
          { api_version: 'v1', kind: 'Service', namespace: 'shop', name: 'front', uid: 'u' },
          { api_version: 'v1', kind: 'Namespace', namespace: null, name: 'shop', uid: '' },
        ],
      }),
    ])
    await open('?node=svc')
    const inspector = screen.getByRole('complementary', { name: 'front, Service' })
    expect(await within(inspector).findByText('Cluster IP')).toBeVisible()
    expect(inspector).toHaveTextContent('1 of 1 ready')
    expect(within(inspector).getByText('Missing')).toBeVisible()
    await expectAccessible()
  })

  it('changes what was entered as one step, and shows what wires give', async () => {
    servePage()
    const { user } = await open('?node=web&panel=configure')
    const inspector = screen.getByRole('complementary', { name: 'web, Deployment' })
    const image = await within(inspector).findByRole('textbox', { name: /^Image/ })
    expect(image).toHaveValue('a/web:1')
    expect(within(inspector).getByRole('button', { name: /from settings/ })).toBeVisible()
    await user.clear(image)
    await user.type(image, 'a/web:2')
    await waitFor(() => expect(card('web')).toHaveTextContent('web:2'))
    await user.click(screen.getByRole('button', { name: 'Undo: Change image of web' }))
    await waitFor(() => expect(card('web')).toHaveTextContent('web:1'))
    expect(screen.getByRole('button', { name: 'Nothing to undo' })).toBeVisible()
  })

  it('shows wires and leads along them', async () => {
    servePage()
    const { user } = await open('?node=web&panel=wires')
    const inspector = screen.getByRole('complementary', { name: 'web, Deployment' })
    expect(within(inspector).getAllByText('as environment')).toHaveLength(2)
    await user.click(within(inspector).getByRole('button', { name: 'front' }))
    expect(screen.getByRole('complementary', { name: 'front, Service' })).toBeVisible()
  })

  it('shows the YAML of its node alone', async () => {
    servePage()
    server.use(
      on('get', `/workflows/${WORKFLOW_ID}/manifests`, (request) =>
        request.url.includes('format=yaml')
          ? new HttpResponse('kind: ConfigMap\n---\nkind: Deployment\n', {
              headers: { 'Content-Type': 'application/yaml' },
            })
          : HttpResponse.json({
              items: [
                { wave: 0, node_id: 'cfg', manifest: {} },
                { wave: 1, node_id: 'web', manifest: {} },
              ],
              issues: [],
              digest: 'd',
            }),
      ),
    )
    const { user } = await open('?node=web&panel=yaml')
    expect(await screen.findByText('kind: Deployment')).toBeVisible()
    await openCard(user, 'svc')
    expect(await screen.findByText(/makes no objects/)).toBeVisible()
  })

  it('says why there is no YAML', async () => {
    servePage()
    server.use(
      on('get', `/workflows/${WORKFLOW_ID}/manifests`, () => refusal(422, 'graph-invalid', 'It has errors.')),
    )
    await open('?node=web&panel=yaml')
    expect(await screen.findByText('It has errors.')).toBeVisible()
  })

  it('writes values of a secret, and never shows them', async () => {
    servePage()
    const sent: unknown[] = []
    server.use(
      on('put', `/workflows/${WORKFLOW_ID}/secrets/keys`, async (request) => {
        sent.push(await request.json())
        const set = sent.length === 1
        return HttpResponse.json({
          node_id: 'keys',
          keys: [
            {
              key: 'TOKEN',
              set,
              updated_at: '2026-01-31T12:00:00Z',
              updated_by: { user_id: 'u', name: 'Ada' },
            },
          ],
        })
      }),
    )
    const { user } = await open('?node=keys&panel=values')
    await waitFor(() => expect(within(card('keys')).getByTitle('1 key without a value')).toBeVisible())
    await user.type(await screen.findByLabelText('TOKEN'), 'swordfish')
    expect(screen.getByText('will be set on save')).toBeVisible()
    await user.click(screen.getByRole('button', { name: 'Save values' }))
    expect(await screen.findByText(/^Set, changed .* by Ada$/)).toBeVisible()
    expect(screen.getByLabelText('TOKEN')).toHaveValue('')
    await user.click(screen.getByRole('button', { name: 'Remove the value of TOKEN' }))
    expect(await screen.findByText('Not set')).toBeVisible()
    expect(sent).toEqual([{ values: { TOKEN: 'swordfish' } }, { values: { TOKEN: null } }])
    await expectAccessible()
  })

  it('says why values were not written', async () => {
    servePage()
    server.use(
      on('put', `/workflows/${WORKFLOW_ID}/secrets/keys`, () =>
        refusal(403, 'forbidden', 'You may not write it.'),
      ),
    )
    const { user } = await open('?node=keys&panel=values')
    await user.type(await screen.findByLabelText('TOKEN'), 'swordfish{Enter}')
    expect(await screen.findByText('You may not write it.')).toBeVisible()
    expect(screen.getByLabelText('TOKEN')).toHaveValue('swordfish')
  })
})

describe('what others do', () => {
  it('takes up a graph that was saved', async () => {
    const state = servePage()
    await open()
    snapshot()
    state.workflow = { ...state.workflow, revision: 4, nodes: state.workflow.nodes.slice(0, 1), edges: [] }
    live.workflow('saved', { revision: 4, by: { name: 'Bob' } })
    await waitFor(() => expect(document.querySelectorAll('[data-card]')).toHaveLength(1))
  })

  it('joins a run that somebody else started', async () => {
    servePage()
    server.use(on('get', `/runs/${RUN_ID}`, makeRun({ status: 'running' })))
    await open()
    snapshot()
    live.workflow('run_update', { run: makeRun({ node_states: undefined, logs: undefined }) })
    live.workflow('run_update', { run: 'nonsense' })
    expect(await screen.findByRole('region', { name: 'Run' })).toHaveTextContent('Queued')
  })

  it('takes no late answer for news of a run', async () => {
    servePage({ active_run_id: RUN_ID })
    let answer: () => void = () => undefined
    const held = new Promise<void>((resolve) => (answer = resolve))
    let answered = false
    server.use(
      on('get', `/runs/${RUN_ID}`, async () => {
        await held
        answered = true
        return HttpResponse.json(makeRun())
      }),
    )
    await open()
    live.workflow('run_update', { run: makeRun({ node_states: undefined, logs: undefined }) })
    const waiting = { web: { state: 'waiting', message: '0 of 2 ready.' } }
    await waitFor(() => expect(live.asked.join()).toContain(RUN_ID))
    live.run('metadata', { run: makeRun({ status: 'running', phase: 'waiting', node_states: waiting }) })
    await waitFor(() => expect(card('web')).toHaveTextContent('Waiting'))
    answer()
    await waitFor(() => expect(answered).toBe(true))
    live.run('log', { at: AT, level: 'info', text: 'Later.' })
    live.workflow('node_update', makeStatus('svc', { address: '10.0.0.7:80' }))
    await waitFor(() => expect(card('svc')).toHaveTextContent('10.0.0.7:80'))
    expect(card('web')).toHaveTextContent('Waiting')
    expect(screen.getByRole('region', { name: 'Run' })).toHaveTextContent('0 of 2 ready.')
  })

  it('says that the workflow is gone', async () => {
    servePage()
    await open()
    live.workflow('error', { code: 'not-found', error: 'There is no such workflow.' })
    expect(await screen.findByText('This workflow is gone')).toBeVisible()
  })
})

it('says that there is no such workflow', async () => {
  servePage()
  server.use(
    on('get', `/workflows/${WORKFLOW_ID}`, () => refusal(404, 'not-found', 'There is no such workflow.')),
  )
  renderApp(`/workflows/${WORKFLOW_ID}`)
  expect(await screen.findByText('There is no such workflow.', {}, { timeout: 10_000 })).toBeVisible()
  await expectAccessible()
})
