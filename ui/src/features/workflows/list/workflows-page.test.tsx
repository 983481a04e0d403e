import { screen, waitFor, within } from '@testing-library/react'
import { HttpResponse } from 'msw'
import { beforeEach, describe, expect, test } from 'vitest'
import { makeCluster, makeWorkflow, page } from '@/testing/factories'
import { expectAccessible, renderApp } from '@/testing/render'
import { on, refusal, server } from '@/testing/server'
import { makeStatus } from '../open/live.fixture'
import { readFilters, writeFilters } from './use-filters'

beforeEach(() => server.use(on('get', '/clusters', page([makeCluster()]))))

/** jsdom has no width, so both the table and the cards are there; the table is what is looked at. */
const table = () => screen.findByRole('table', { name: 'Workflows' })

describe('the list', () => {
  test('loads, then shows what is known of each', async () => {
    let release: () => void = () => undefined
    const held = new Promise<void>((resolve) => (release = resolve))
    server.use(
      on('get', '/workflows', async () => {
        await held
        return HttpResponse.json(
          page([
            makeWorkflow(),
            makeWorkflow({ id: 'workflow-2', name: 'Draft', status: 'draft', cluster_id: null }),
          ]),
        )
      }),
    )
    renderApp('/workflows')
    expect(await screen.findByText('Loading workflows')).toBeInTheDocument()
    await expectAccessible()
    release()
    const rows = within(await table()).getAllByRole('row')
    expect(rows).toHaveLength(3)
    const [, first = document.body, second] = rows
    const shop = within(first)
    expect(shop.getByRole('link', { name: 'Shop' })).toHaveAttribute('href', '/workflows/workflow-1')
    for (const words of ['Live v12', '1 degraded', '3 healthy', 'Failed'])
      expect(shop.getByText(words)).toBeVisible()
    await waitFor(() => expect(first).toHaveTextContent('staging / shop'))
    expect(second).toHaveTextContent('No cluster / shop')
    expect(screen.getByText('2 workflows')).toBeVisible()
    expect(document.title).toBe('Workflows · KubeOrch')
    await expectAccessible()
  })

  test('is empty with a first step', async () => {
    server.use(on('get', '/workflows', page([])))
    renderApp('/workflows')
    expect(await screen.findByRole('heading', { name: 'No workflows yet' })).toBeVisible()
    expect(screen.queryByLabelText('Search workflows')).not.toBeInTheDocument()
    await expectAccessible()
  })

  test('that matches nothing offers to clear the filters', async () => {
    server.use(
      on('get', '/workflows', (request) =>
        HttpResponse.json(page(new URL(request.url).searchParams.has('q') ? [] : [makeWorkflow()])),
      ),
    )
    const { router, user } = renderApp('/workflows?q=nothing&status=draft&sort=name')
    expect(await screen.findByRole('heading', { name: 'Nothing matches' })).toBeVisible()
    await expectAccessible()
    await user.click(screen.getByRole('button', { name: 'Clear search and filters' }))
    expect(await table()).toBeVisible()
    expect(router.state.location.search).toBe('?sort=name')
    expect(screen.getByLabelText('Search workflows')).toHaveValue('')
  })

  test('keeps search, filters and order in the address and asks the server by them', async () => {
    const asked: string[] = []
    server.use(
      on('get', '/workflows', (request) => {
        asked.push(new URL(request.url).search)
        return HttpResponse.json(page([makeWorkflow()]))
      }),
    )
    const { router, user } = renderApp('/workflows')
    await table()
    await user.type(screen.getByLabelText('Search workflows'), 'sho')
    await user.selectOptions(screen.getByLabelText('Lifecycle'), 'Live')
    await user.click(screen.getByRole('button', { name: 'Name' }))
    // the search waits for the end of typing, so it may come before the others or after them
    const words = () => router.state.location.search.slice(1).split('&').sort()
    await waitFor(() => expect(words()).toEqual(['q=sho', 'sort=name', 'status=published']))
    await waitFor(() => expect(asked.at(-1)).toBe('?limit=50&sort=name&q=sho&status=published'))
    expect(screen.getByRole('columnheader', { name: 'Name' })).toHaveAttribute('aria-sort', 'ascending')
  })

  test('loads more', async () => {
    server.use(
      on('get', '/workflows', (request) =>
        HttpResponse.json(
          new URL(request.url).searchParams.get('cursor') === 'next'
            ? page([makeWorkflow({ id: 'workflow-2', name: 'Billing' })], { total: 2 })
            : page([makeWorkflow()], { total: 2, next_cursor: 'next' }),
        ),
      ),
    )
    const { user } = renderApp('/workflows')
    await table()
    expect(screen.getByText('1 of 2 workflows')).toBeVisible()
    await user.click(screen.getByRole('button', { name: 'Load more' }))
    expect(await within(await table()).findByRole('link', { name: 'Billing' })).toBeVisible()
    expect(screen.getByText('2 workflows')).toBeVisible()
    expect(screen.queryByRole('button', { name: 'Load more' })).not.toBeInTheDocument()
  })

  test('that cannot be loaded says why, with the request id, and tries again', async () => {
    server.use(on('get', '/workflows', () => refusal(503, 'storage-unavailable', 'MongoDB does not answer.')))
    const { user } = renderApp('/workflows')
    const alert = await screen.findByRole('alert')
    expect(alert).toHaveTextContent('MongoDB does not answer.')
    expect(alert).toHaveTextContent('req-1')
    await expectAccessible()
    server.use(on('get', '/workflows', page([makeWorkflow()])))
    await user.click(within(alert).getByRole('button', { name: 'Retry' }))
    expect(await table()).toBeVisible()
  })

  test('that may not be seen says so', async () => {
    server.use(on('get', '/workflows', () => refusal(403, 'forbidden', 'You need the role viewer.')))
    renderApp('/workflows')
    expect(await screen.findByRole('heading', { name: 'You may not see the workflows' })).toBeVisible()
    expect(screen.getByText('You need the role viewer.')).toBeVisible()
    await expectAccessible()
  })

  test('stays when it cannot be refreshed, and says how old it is', async () => {
    server.use(on('get', '/workflows', page([makeWorkflow()])))
    const { queryClient } = renderApp('/workflows')
    await table()
    server.use(on('get', '/workflows', () => HttpResponse.error()))
    await queryClient.refetchQueries({ queryKey: ['workflows'] })
    expect(await screen.findByText(/^As of .* KubeOrch does not answer/)).toBeVisible()
    expect(await table()).toBeVisible()
    await expectAccessible()
  })
})

const CLAIM = { api_version: 'v1', kind: 'PersistentVolumeClaim', namespace: 'shop', name: 'data', uid: 'u1' }
const HELD = [
  makeStatus('db', {
    objects: [
      { api_version: 'apps/v1', kind: 'Deployment', namespace: 'shop', name: 'db', uid: 'u2' },
      CLAIM,
      { ...CLAIM, name: 'gone', uid: '' },
    ],
  }),
  makeStatus('ns', {
    objects: [{ api_version: 'v1', kind: 'Namespace', namespace: null, name: 'extra', uid: 'u3' }],
  }),
]

/** What nodes have on the cluster. */
const serveStatus = (items: object[]) =>
  server.use(on('get', '/workflows/workflow-1/status', { items, total: items.length }))

describe('deleting', () => {
  const open = async (change: Parameters<typeof makeWorkflow>[0] = {}, statuses: object[] = []) => {
    server.use(on('get', '/workflows', page([makeWorkflow(change)])))
    serveStatus(statuses)
    const app = renderApp('/workflows')
    await app.user.click(within(await table()).getByRole('button', { name: 'Actions for Shop' }))
    await app.user.click(screen.getByRole('menuitem', { name: 'Delete…' }))
    return { ...app, dialog: await screen.findByRole('alertdialog', { name: 'Delete Shop?' }) }
  }

  test('of one that was never deployed is done at once', async () => {
    const { user, dialog } = await open({ deployed_version: null })
    expect(within(dialog).queryByRole('radio')).not.toBeInTheDocument()
    await expectAccessible()
    server.use(
      on('delete', '/workflows/workflow-1', () => new HttpResponse(null, { status: 204 })),
      on('get', '/workflows', page([])),
    )
    await user.click(within(dialog).getByRole('button', { name: 'Delete workflow' }))
    expect(await screen.findByText('Shop is deleted.')).toBeVisible()
    expect(await screen.findByRole('heading', { name: 'No workflows yet' })).toBeVisible()
  })

  test('of one that is deployed asks what becomes of its objects', async () => {
    const { user, dialog } = await open()
    await expectAccessible()
    const asked: string[] = []
    server.use(
      on('delete', '/workflows/workflow-1', (request) => {
        asked.push(new URL(request.url).search)
        return HttpResponse.json({ id: 'run-9', workflow_id: 'workflow-1' }, { status: 202 })
      }),
    )
    expect(within(dialog).getByRole('radio', { name: /^Remove it/ })).toBeChecked()
    await user.click(within(dialog).getByRole('radio', { name: /^Leave it there/ }))
    expect(within(dialog).getByRole('button', { name: 'Delete workflow' })).toBeVisible()
    await user.click(within(dialog).getByRole('radio', { name: /^Remove it/ }))
    await user.click(within(dialog).getByRole('button', { name: 'Remove and delete' }))
    expect(await screen.findByText(/is removed from its cluster, and deleted after that/)).toBeVisible()
    expect(asked).toEqual(['?objects=teardown'])
  })

  test('names what holds data, which goes only when it is ticked and the name is typed', async () => {
    const { user, dialog } = await open({}, HELD)
    const inside = within(dialog)
    const claim = await inside.findByRole('checkbox', { name: /PersistentVolumeClaim shop\/data/ })
    expect(inside.getAllByRole('checkbox')).toHaveLength(2)
    expect(inside.getByRole('checkbox', { name: /Namespace extra/ })).not.toBeChecked()
    const asked: URLSearchParams[] = []
    server.use(
      on('delete', '/workflows/workflow-1', (request) => {
        asked.push(new URL(request.url).searchParams)
        return HttpResponse.json({ id: 'run-9', workflow_id: 'workflow-1' }, { status: 202 })
      }),
    )
    await user.click(claim)
    await user.click(inside.getByRole('button', { name: 'Remove and delete' }))
    expect(asked).toEqual([])
    await expectAccessible()
    await user.type(inside.getByLabelText('To delete 1 object with data, type Shop'), 'Shop')
    await user.click(inside.getByRole('button', { name: 'Remove and delete' }))
    expect(await screen.findByText(/is removed from its cluster, and deleted after that/)).toBeVisible()
    expect(asked.map((query) => query.getAll('delete_data'))).toEqual([['PersistentVolumeClaim shop/data']])
  })

  test('never deletes data when everything is left where it is', async () => {
    const { user, dialog } = await open({}, HELD)
    const asked: string[] = []
    server.use(
      on('delete', '/workflows/workflow-1', (request) => {
        asked.push(new URL(request.url).search)
        return new HttpResponse(null, { status: 204 })
      }),
    )
    await user.click(await within(dialog).findByRole('checkbox', { name: /PersistentVolumeClaim/ }))
    await user.click(within(dialog).getByRole('radio', { name: /^Leave it there/ }))
    expect(within(dialog).queryByRole('checkbox')).not.toBeInTheDocument()
    await user.click(within(dialog).getByRole('button', { name: 'Delete workflow' }))
    expect(await screen.findByText('Shop is deleted.')).toBeVisible()
    expect(asked).toEqual(['?objects=orphan'])
  })

  test('says what stays when it cannot be listed', async () => {
    const { dialog } = await open()
    expect(await within(dialog).findByText(/^Volume claims, namespaces and secrets stay/)).toBeVisible()
  })

  test('lists objects that only the server knows of', async () => {
    const { user, dialog } = await open({ deployed_version: null })
    const objects = Array.from({ length: 7 }, (_, index) => `ConfigMap shop/settings-${index}`)
    const asked: string[] = []
    server.use(
      on('delete', '/workflows/workflow-1', (request) => {
        const { search } = new URL(request.url)
        asked.push(search)
        return search === ''
          ? refusal(409, 'objects-exist', 'It has objects.', { body: { objects, total: 60 } })
          : new HttpResponse(null, { status: 204 })
      }),
    )
    await user.click(within(dialog).getByRole('button', { name: 'Delete workflow' }))
    expect(await within(dialog).findByText('It has 60 objects on its cluster:')).toBeVisible()
    expect(within(dialog).getByText('ConfigMap shop/settings-5')).toBeVisible()
    expect(within(dialog).getByText('and 54 more')).toBeVisible()
    await user.click(within(dialog).getByRole('radio', { name: /^Leave it there/ }))
    await user.click(within(dialog).getByRole('button', { name: 'Delete workflow' }))
    expect(await screen.findByText('Shop is deleted.')).toBeVisible()
    expect(asked).toEqual(['', '?objects=orphan'])
  })

  test('that is refused says why, in the dialog', async () => {
    const { user, dialog } = await open()
    server.use(
      on('delete', '/workflows/workflow-1', () =>
        refusal(409, 'run-active', 'A run is at work. Cancel it first.'),
      ),
    )
    await user.click(within(dialog).getByRole('button', { name: 'Remove and delete' }))
    expect(await within(dialog).findByText('A run is at work. Cancel it first.')).toBeVisible()
  })
})

describe('archiving', () => {
  const open = async (change: Parameters<typeof makeWorkflow>[0], item: string) => {
    server.use(on('get', '/workflows', page([makeWorkflow(change)])))
    serveStatus(HELD)
    const app = renderApp('/workflows')
    await app.user.click(within(await table()).getByRole('button', { name: 'Actions for Shop' }))
    await app.user.click(screen.getByRole('menuitem', { name: item }))
    return { ...app, dialog: await screen.findByRole('alertdialog') }
  }

  test('says what is removed, and follows the run that does it', async () => {
    const { user, dialog } = await open({}, 'Archive…')
    expect(dialog).toHaveTextContent('What it has in the namespace shop is removed first.')
    expect(
      await within(dialog).findByRole('checkbox', { name: /PersistentVolumeClaim shop\/data/ }),
    ).not.toBeChecked()
    await expectAccessible()
    const bodies: unknown[] = []
    server.use(
      on('put', '/workflows/workflow-1/status', async (request) => {
        bodies.push(await request.json())
        return bodies.length === 1
          ? refusal(409, 'run-active', 'A run of this workflow is active.')
          : HttpResponse.json({ id: 'run-9', workflow_id: 'workflow-1' }, { status: 202 })
      }),
    )
    await user.click(within(dialog).getByRole('button', { name: 'Archive workflow' }))
    expect(await within(dialog).findByText('A run of this workflow is active.')).toBeVisible()
    await user.click(within(dialog).getByRole('button', { name: 'Archive workflow' }))
    expect(await screen.findByText(/is removed from its cluster, and archived after that/)).toBeVisible()
    expect(bodies[1]).toEqual({ status: 'archived' })
  })

  test('takes data with it only when it is ticked and the name is typed', async () => {
    const { user, dialog } = await open({}, 'Archive…')
    const bodies: unknown[] = []
    server.use(
      on('put', '/workflows/workflow-1/status', async (request) => {
        bodies.push(await request.json())
        return HttpResponse.json({ id: 'run-9', workflow_id: 'workflow-1' }, { status: 202 })
      }),
    )
    await user.click(
      await within(dialog).findByRole('checkbox', { name: /PersistentVolumeClaim shop\/data/ }),
    )
    await user.click(within(dialog).getByRole('button', { name: 'Archive workflow' }))
    expect(bodies).toEqual([])
    await user.type(within(dialog).getByLabelText('To delete 1 object with data, type Shop'), 'Shop')
    await user.click(within(dialog).getByRole('button', { name: 'Archive workflow' }))
    expect(await screen.findByText(/is removed from its cluster, and archived after that/)).toBeVisible()
    expect(bodies).toEqual([{ status: 'archived', consent: { delete: ['PersistentVolumeClaim shop/data'] } }])
  })

  test('says what a run that failed has left on the cluster', async () => {
    const { dialog } = await open({ deployed_version: null }, 'Archive…')
    expect(
      await within(dialog).findByText(/^What it has in the namespace shop is removed first/),
    ).toBeVisible()
    expect(within(dialog).getByRole('checkbox', { name: /PersistentVolumeClaim shop\/data/ })).toBeVisible()
  })

  test('is taken back', async () => {
    const { user, dialog } = await open({ status: 'archived', deployed_version: null }, 'Unarchive…')
    server.use(on('put', '/workflows/workflow-1/status', { ...makeWorkflow({ status: 'draft' }) }))
    await user.click(within(dialog).getByRole('button', { name: 'Unarchive workflow' }))
    expect(await screen.findByText('Shop is a draft again.')).toBeVisible()
  })
})

describe('a new workflow', () => {
  const open = async () => {
    server.use(on('get', '/workflows', page([])))
    const app = renderApp('/workflows/new')
    const dialog = await screen.findByRole('dialog', { name: 'New workflow' })
    await within(dialog).findByLabelText('Name')
    return { ...app, dialog, inside: within(dialog) }
  }

  test('is offered the default cluster, and opens when made', async () => {
    const { router, user, inside } = await open()
    expect(inside.getByLabelText('Name')).toHaveFocus()
    expect(inside.getByLabelText('Cluster', { exact: false })).toHaveDisplayValue('staging')
    await expectAccessible()
    let sent: unknown
    server.use(
      on('post', '/workflows', async (request) => {
        sent = await request.json()
        return HttpResponse.json({ id: 'workflow-9' }, { status: 201 })
      }),
      on('get', '/workflows/workflow-9', () => refusal(404, 'not-found', 'There is no such workflow.')),
      on('get', '/node-types', { items: [], rules: [] }),
    )
    await user.type(inside.getByLabelText('Name'), 'Shop')
    await user.click(inside.getByRole('button', { name: 'Create workflow' }))
    await waitFor(() => expect(router.state.location.pathname).toBe('/workflows/workflow-9'))
    expect(sent).toEqual({ name: 'Shop', description: '', namespace: 'default', cluster_id: 'cluster-1' })
  })

  test('is refused a wrong namespace before the server is asked', async () => {
    const { user, inside } = await open()
    await user.type(inside.getByLabelText('Name'), 'Shop')
    await user.clear(inside.getByLabelText('Namespace'))
    await user.type(inside.getByLabelText('Namespace'), 'Shop_1')
    await user.click(inside.getByRole('button', { name: 'Create workflow' }))
    await waitFor(() => expect(inside.getByLabelText('Namespace')).toBeInvalid())
    expect(inside.getByLabelText('Namespace')).toHaveAccessibleDescription(/Lower-case letters/)
  })

  test('needs no cluster', async () => {
    server.use(on('get', '/clusters', page([])))
    const { inside } = await open()
    expect(inside.getByLabelText('Cluster', { exact: false })).toHaveDisplayValue('Choose later')
    expect(inside.getByRole('link', { name: 'add one' })).toHaveAttribute('href', '/clusters/new')
  })

  test('closes with Escape, back to the list', async () => {
    const { router, user } = await open()
    await user.keyboard('{Escape}')
    await waitFor(() => expect(router.state.location.pathname).toBe('/workflows'))
    expect(screen.queryByRole('dialog')).not.toBeInTheDocument()
  })
})

test('filters that an address says wrongly are left out', () => {
  const wrong = new URLSearchParams('q=a&status=odd&sort=drop')
  expect(readFilters(wrong)).toEqual({ q: 'a', status: null, cluster: null, sort: '-updated_at' })
  expect(writeFilters(wrong, { q: '', sort: '-updated_at', status: 'draft' }).toString()).toBe('status=draft')
})
