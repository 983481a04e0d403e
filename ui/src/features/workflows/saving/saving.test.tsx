import { act, screen, waitFor, within } from '@testing-library/react'
import { IDBFactory } from 'fake-indexeddb'
import { HttpResponse } from 'msw'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { resetStream } from '@/lib/stream/stream'
import { page } from '@/testing/factories'
import { useAuth } from '@/lib/auth/session'
import { expectAccessible, renderApp } from '@/testing/render'
import { on, refusal, server } from '@/testing/server'
import type { Schema } from '@/lib/api/client'
import {
  AT,
  LiveServer,
  layOut,
  makeGraph,
  makePublicWorkflow,
  servePage,
  WORKFLOW_ID,
} from '../open/live.fixture'

let live: LiveServer

beforeEach(() => {
  layOut()
  live = new LiveServer()
  vi.stubGlobal('indexedDB', new IDBFactory())
})

afterEach(() => {
  act(() => resetStream())
})

type Served = ReturnType<typeof servePage>

/** A server that keeps what is saved, and refuses what began with an earlier revision. */
function serve(change: Parameters<typeof servePage>[0] = {}) {
  const state = servePage(change)
  const saved: Schema<'GraphBody'>[] = []
  server.use(
    on('post', `/workflows/${WORKFLOW_ID}/save`, async (request) => {
      const { revision } = state.workflow
      if (request.headers.get('If-Match') !== `"${revision}"`)
        return refusal(409, 'revision-conflict', `The workflow was saved meanwhile by Eve.`, {
          body: { revision, saved_by: { user_id: 'user-2', name: 'Eve' } },
        })
      const graph = (await request.json()) as Schema<'GraphBody'>
      saved.push(graph)
      state.workflow = makePublicWorkflow({ ...graph, revision: revision + 1 })
      return HttpResponse.json(state.workflow)
    }),
    on('get', '/workflows', page([])),
    on('get', '/clusters', page([])),
  )
  return { state, saved }
}

async function open() {
  const app = renderApp(`/workflows/${WORKFLOW_ID}`)
  await screen.findByRole('heading', { name: 'Shop', level: 1 }, { timeout: 10_000 })
  await waitFor(() => expect(live.asked.length).toBeGreaterThan(0))
  return app
}

type User = Awaited<ReturnType<typeof open>>['user']

/** Take a node out, by the keyboard. */
async function remove(user: User, id: string) {
  const button = document.querySelector<HTMLElement>(`[data-card-button="${id}"]`)
  if (button === null) throw new Error(`no card ${id}`)
  act(() => button.focus())
  await user.keyboard('{Delete}')
  await waitFor(() => expect(isDrawn(id)).toBe(false))
}

/** What the toolbar says of what is saved. */
async function expectMark(words: string) {
  const toolbar = within(screen.getByRole('toolbar', { name: 'Workflow' }))
  expect(await toolbar.findByText(words)).toBeVisible()
}

function isDrawn(id: string): boolean {
  return document.querySelector(`[data-card="${id}"]`) !== null
}

/** What somebody else saves: other values of a node. */
function saveElsewhere(state: Served, id = 'web', values: object = { image: 'a/web:2' }) {
  const nodes = makeGraph().nodes.map((node) =>
    node.id === id ? { ...node, data: { ...node.data, ...values } } : node,
  )
  state.workflow = makePublicWorkflow({ ...makeGraph(), nodes, revision: 4 })
}

const ids = (graph: Schema<'GraphBody'> | undefined) => graph?.nodes.map(({ id }) => id)

describe('the mark of what is saved', () => {
  it('follows edits and saving, and the button saves', async () => {
    const { saved } = serve()
    const { user } = await open()
    await expectMark('Saved')
    expect(screen.getByRole('button', { name: 'Save' })).toHaveAttribute('aria-disabled', 'true')
    await remove(user, 'svc')
    await expectMark('Unsaved changes')
    await expectAccessible()
    await user.click(screen.getByRole('button', { name: 'Save' }))
    await expectMark('Saved')
    expect(ids(saved[0])).toEqual(['web', 'cfg', 'keys'])
    expect(saved[0]?.edges.map(({ id }) => id)).toEqual(['e2', 'e3'])
  })

  it('is clean again once everything is undone', async () => {
    serve()
    const { user } = await open()
    await remove(user, 'svc')
    await user.keyboard('{Control>}z{/Control}')
    await expectMark('Saved')
  })

  it('saves by Ctrl S, also while somebody writes into a field', async () => {
    const { saved } = serve()
    const { user } = await open()
    await remove(user, 'svc')
    const field = document.createElement('input')
    document.body.append(field)
    field.focus()
    await user.keyboard('{Control>}s{/Control}')
    field.remove()
    await expectMark('Saved')
    expect(saved).toHaveLength(1)
  })

  it('says why it is not saved, and tries again', async () => {
    const { saved } = serve()
    const { user } = await open()
    server.use(
      on('post', `/workflows/${WORKFLOW_ID}/save`, () =>
        refusal(503, 'store-unavailable', 'The store is away.'),
      ),
    )
    await remove(user, 'svc')
    await user.click(screen.getByRole('button', { name: 'Save' }))
    await expectMark('Not saved: The store is away.')
    serveAgain(saved)
    await user.click(screen.getByRole('button', { name: 'Retry' }))
    await expectMark('Saved')
  })

  function serveAgain(saved: Schema<'GraphBody'>[]) {
    server.use(
      on('post', `/workflows/${WORKFLOW_ID}/save`, async (request) => {
        const graph = (await request.json()) as Schema<'GraphBody'>
        saved.push(graph)
        return HttpResponse.json(makePublicWorkflow({ ...graph, revision: 4 }))
      }),
    )
  }

  it('does not let an archived workflow be saved', async () => {
    serve({ status: 'archived' })
    const { user } = await open()
    await user.click(screen.getByRole('button', { name: 'Save' }))
    expect(await screen.findByRole('tooltip')).toHaveTextContent(/is archived/)
  })
})

describe('what was drawn and not saved', () => {
  async function leaveUnsaved() {
    const app = await open()
    await remove(app.user, 'svc')
    await app.user.click(screen.getByRole('button', { name: 'Back to workflows' }))
    await app.user.click(await screen.findByRole('button', { name: 'Leave' }))
    await screen.findByRole('heading', { name: 'Workflows', level: 1 })
    await act(() => app.router.navigate(`/workflows/${WORKFLOW_ID}`))
    await screen.findByRole('heading', { name: 'Shop', level: 1 })
    return app
  }

  it('is offered on return, shown, and taken up again', async () => {
    serve()
    const { user } = await leaveUnsaved()
    expect(isDrawn('svc')).toBe(true)
    await user.click(await screen.findByRole('button', { name: 'Show what differs' }))
    const dialog = await screen.findByRole('dialog', { name: 'What was never saved' })
    expect(within(dialog).getByRole('list', { name: 'Unsaved changes' })).toHaveTextContent(
      /Removed.*front.*Service/,
    )
    await expectAccessible()
    await user.click(within(dialog).getByRole('button', { name: 'Take it up again' }))
    await waitFor(() => expect(isDrawn('svc')).toBe(false))
    await expectMark('Unsaved changes')
    expect(screen.queryByRole('button', { name: 'Show what differs' })).toBeNull()
  })

  it('is thrown away only after a question', async () => {
    serve()
    const { user } = await leaveUnsaved()
    await user.click(await screen.findByRole('button', { name: 'Throw it away' }))
    const question = await screen.findByRole('alertdialog')
    await user.click(within(question).getByRole('button', { name: 'Throw it away' }))
    await waitFor(() => expect(screen.queryByText(/were never saved/)).toBeNull())
    expect(isDrawn('svc')).toBe(true)
  })
})

describe('leaving with unsaved changes', () => {
  it('asks; staying stays, and what is kept here may be left', async () => {
    serve()
    const { user, router } = await open()
    await remove(user, 'svc')
    await user.click(screen.getByRole('button', { name: 'Back to workflows' }))
    const dialog = await screen.findByRole('dialog', { name: 'Leave with unsaved changes?' })
    expect(dialog).toHaveTextContent(/stay in this browser/)
    await expectAccessible()
    await user.click(within(dialog).getByRole('button', { name: 'Stay' }))
    expect(router.state.location.pathname).toBe(`/workflows/${WORKFLOW_ID}`)
    await user.click(screen.getByRole('button', { name: 'Back to workflows' }))
    await user.click(await screen.findByRole('button', { name: 'Leave' }))
    await waitFor(() => expect(router.state.location.pathname).toBe('/workflows'))
  })

  it('saves first when asked to', async () => {
    const { saved } = serve()
    const { user, router } = await open()
    await remove(user, 'svc')
    await user.click(screen.getByRole('button', { name: 'Back to workflows' }))
    await user.click(await screen.findByRole('button', { name: 'Save and leave' }))
    await waitFor(() => expect(router.state.location.pathname).toBe('/workflows'))
    expect(saved).toHaveLength(1)
  })
})

it('does not hold anybody up whose session is over, and offers what was drawn after signing in again', async () => {
  serve()
  const { user, router } = await open()
  await remove(user, 'svc')
  server.use(
    on('get', '/auth/methods', { password: true, signup: 'open', first_account: false, providers: [] }),
  )
  const signedIn = useAuth.getState()
  act(() => useAuth.setState({ phase: 'signed-out', user: null, ended: 'expired', problem: null }))
  await waitFor(() => expect(router.state.location.pathname).toBe('/login'))
  act(() => useAuth.setState(signedIn))
  await screen.findByRole('heading', { name: 'Shop', level: 1 })
  expect(await screen.findByText(/were never saved/)).toBeVisible()
})

describe('when somebody else has saved', () => {
  async function meet() {
    const { state, saved } = serve()
    const app = await open()
    await remove(app.user, 'svc')
    saveElsewhere(state)
    await app.user.click(screen.getByRole('button', { name: 'Save' }))
    const dialog = await screen.findByRole('dialog', { name: 'Eve has saved meanwhile' })
    const press = (name: string) => app.user.click(within(dialog).getByRole('button', { name }))
    return { ...app, state, saved, dialog, press }
  }

  it('shows both sides, and keeps both', async () => {
    const { dialog, press, saved } = await meet()
    expect(within(dialog).getByRole('list', { name: 'Your changes' })).toHaveTextContent(/Removed.*front/)
    expect(within(dialog).getByRole('list', { name: 'Their changes' })).toHaveTextContent(
      /web.*image.*a\/web:1.*a\/web:2/,
    )
    expect(dialog).toHaveTextContent('You began with revision 3.')
    await expectAccessible()
    await press('Keep both')
    await expectMark('Saved')
    expect(ids(saved[0])).toEqual(['web', 'cfg', 'keys'])
    expect(saved[0]?.nodes[0]?.data).toMatchObject({ image: 'a/web:2' })
  })

  it('takes theirs, and keeps mine as a draft', async () => {
    const { press } = await meet()
    await press('Take theirs')
    await expectMark('Saved')
    await waitFor(() => expect(isDrawn('svc')).toBe(true))
    expect(await screen.findByText(/were never saved/)).toBeVisible()
  })

  it('overwrites after their changes were shown once more', async () => {
    const { press, saved, user } = await meet()
    await press('Overwrite')
    const question = await screen.findByRole('alertdialog', { name: 'Overwrite their changes?' })
    expect(within(question).getByRole('list', { name: 'Changes that go' })).toHaveTextContent(/a\/web:2/)
    await user.click(within(question).getByRole('button', { name: 'Overwrite' }))
    await expectMark('Saved')
    expect(saved[0]?.nodes[0]?.data).toMatchObject({ image: 'a/web:1' })
  })

  it('saves mine as a copy, and opens that', async () => {
    const created: unknown[] = []
    const { press, router } = await meet()
    server.use(
      on('post', '/workflows', async (request) => {
        created.push(await request.json())
        return HttpResponse.json(makePublicWorkflow({ id: 'copy-1' }), { status: 201 })
      }),
      on('get', '/workflows/copy-1', () => refusal(404, 'not-found', 'There is no such workflow.')),
    )
    await press('Save as copy')
    await press('Save as copy')
    await waitFor(() => expect(router.state.location.pathname).toBe('/workflows/copy-1'))
    expect(created).toMatchObject([
      { name: 'Shop (copy)', namespace: 'shop', nodes: [{ id: 'web' }, { id: 'cfg' }, { id: 'keys' }] },
    ])
  })

  it('can be put off, and comes back', async () => {
    const { press, user, dialog } = await meet()
    await press('Close')
    await waitFor(() => expect(dialog).not.toBeInTheDocument())
    expect(isDrawn('svc')).toBe(false)
    expect(screen.getByText(/Eve has saved/)).toBeVisible()
    await user.click(screen.getByRole('button', { name: 'Compare and decide' }))
    expect(await screen.findByRole('dialog', { name: 'Eve has saved meanwhile' })).toBeVisible()
  })

  it('asks about each thing that both changed', async () => {
    const { state, saved } = serve()
    const { user } = await open()
    await remove(user, 'svc')
    saveElsewhere(state, 'svc', { ports: [{ port: 81 }] })
    await user.click(screen.getByRole('button', { name: 'Save' }))
    const dialog = await screen.findByRole('dialog', { name: 'Eve has saved meanwhile' })
    expect(within(dialog).getByRole('button', { name: 'Keep both' })).toHaveAttribute('aria-disabled', 'true')
    const clash = within(dialog).getByRole('group', { name: 'front' })
    expect(clash).toHaveTextContent(/Mine.*Removed.*Theirs.*Kept, as changed/)
    await user.click(within(clash).getByRole('radio', { name: 'Theirs' }))
    await user.click(within(dialog).getByRole('button', { name: 'Keep both' }))
    await expectMark('Saved')
    // that is all what they have
    expect(saved).toEqual([])
    await waitFor(() => expect(isDrawn('svc')).toBe(true))
  })

  it('says so before it comes to that, and leaves alone what is drawn', async () => {
    const { state } = serve()
    const { user } = await open()
    await remove(user, 'svc')
    saveElsewhere(state)
    live.workflow('saved', { revision: 4, by: { user_id: 'user-2', name: 'Eve' } })
    expect(await screen.findByText(/Eve has saved/)).toBeVisible()
    expect(isDrawn('svc')).toBe(false)
    await expectAccessible()
  })

  it('draws it at once while nothing is unsaved', async () => {
    const { state } = serve()
    await open()
    saveElsewhere(state)
    live.workflow('saved', { revision: 4, by: { user_id: 'user-2', name: 'Eve' } })
    await waitFor(() => expect(document.querySelector('[data-card="web"]')).toHaveTextContent('web:2'))
    await expectMark('Saved')
  })
})

it('keeps what is drawn when the workflow is deleted elsewhere, and saves it as a copy', async () => {
  serve()
  const { user, router } = await open()
  await remove(user, 'svc')
  server.use(
    on('post', `/workflows/${WORKFLOW_ID}/save`, () =>
      refusal(404, 'not-found', 'There is no such workflow.'),
    ),
    on('post', '/workflows', () =>
      HttpResponse.json(makePublicWorkflow({ id: 'copy-1', created_at: AT }), { status: 201 }),
    ),
    on('get', '/workflows/copy-1', () => refusal(404, 'not-found', 'There is no such workflow.')),
  )
  await user.click(screen.getByRole('button', { name: 'Save' }))
  const alert = await screen.findByRole('alert')
  expect(alert).toHaveTextContent(/has been deleted/)
  await user.click(within(alert).getByRole('button', { name: 'Save as copy' }))
  const dialog = await screen.findByRole('dialog')
  await user.click(within(dialog).getByRole('button', { name: 'Save as copy' }))
  await waitFor(() => expect(router.state.location.pathname).toBe('/workflows/copy-1'))
})
