import { screen, waitFor, within } from '@testing-library/react'
import { HttpResponse } from 'msw'
import { describe, expect, test } from 'vitest'
import type { Schema } from '@/lib/api/client'
import { makeCluster, page } from '@/testing/factories'
import { expectAccessible, renderApp } from '@/testing/render'
import { on, refusal, server } from '@/testing/server'
import { makePublicWorkflow, WORKFLOW_ID } from '../open/live.fixture'
import { consequenceOf } from './consequence'
import { withTags } from './values'

const ONE = `/workflows/${WORKFLOW_ID}`
const CLUSTERS = [makeCluster(), makeCluster({ id: 'cluster-2', name: 'production', is_default: false })]

type Sent = { ifMatch: string | null; body: unknown }

/** The settings of a workflow; what is sent is taken in as the server would. */
async function open(change: Partial<Schema<'PublicWorkflow'>> = {}, path = `${ONE}/settings`) {
  const state = { workflow: makePublicWorkflow({ tags: ['shop'], ...change }) }
  const sent: Sent[] = []
  server.use(
    on('get', '/workflows', page([])),
    on('get', '/clusters', page(CLUSTERS)),
    on('get', ONE, () => HttpResponse.json(state.workflow)),
    on('put', ONE, async (request) => {
      const body = (await request.json()) as Partial<Schema<'PublicWorkflow'>>
      sent.push({ ifMatch: request.headers.get('If-Match'), body })
      state.workflow = { ...state.workflow, ...body, revision: state.workflow.revision + 1 }
      return HttpResponse.json(state.workflow)
    }),
  )
  const app = renderApp(path)
  await screen.findByLabelText('Name')
  const cluster = screen.getByRole('combobox', { name: /^Cluster/ })
  await waitFor(() => expect(within(cluster).getAllByRole('option')).toHaveLength(3))
  return { ...app, state, sent, cluster, save: screen.queryByRole('button', { name: 'Save settings' }) }
}

async function retype(app: Awaited<ReturnType<typeof open>>, label: string, text: string) {
  const field = screen.getByRole('textbox', { name: new RegExp(`^${label}(\\s*optional)?$`) })
  await app.user.clear(field)
  await app.user.type(field, text)
}

describe('the settings', () => {
  test('are read, changed and saved: only what was changed is sent', async () => {
    const app = await open()
    expect(app.router.state.location.pathname).toBe(`${ONE}/settings/general`)
    expect(app.save).toHaveAttribute('aria-disabled', 'true')
    await expectAccessible()
    await retype(app, 'Description', 'Storefront')
    await app.user.type(screen.getByLabelText('Tags', { exact: false, selector: 'input' }), 'web{Enter}')
    await app.user.click(screen.getByRole('button', { name: 'Save settings' }))
    expect(await screen.findByText('The settings of Shop are saved.')).toBeVisible()
    expect(app.sent).toEqual([{ ifMatch: '"3"', body: { description: 'Storefront', tags: ['shop', 'web'] } }])
    await waitFor(() =>
      expect(screen.getByRole('button', { name: 'Save settings' })).toHaveAttribute('aria-disabled', 'true'),
    )
    await retype(app, 'Name', 'Store{Enter}')
    await waitFor(() => expect(app.sent.at(-1)).toEqual({ ifMatch: '"4"', body: { name: 'Store' } }))
  })

  test('say what another namespace means for what is deployed', async () => {
    const app = await open({ deployed_version: 2 })
    await retype(app, 'Namespace', 'shop-two')
    expect(screen.getByText(/^Saving moves nothing/)).toHaveTextContent(
      'The next run makes everything in the namespace shop-two, and then removes what it has in shop.',
    )
    await app.user.selectOptions(app.cluster, 'production')
    expect(screen.getByText(/^Saving moves nothing/)).toHaveTextContent(
      'on production, in the namespace shop-two, and then removes what it has on staging.',
    )
    await app.user.selectOptions(app.cluster, '')
    expect(screen.getByText(/^What it has on staging stays there/)).toBeVisible()
    await expectAccessible()
    await app.user.click(screen.getByRole('button', { name: 'Save settings' }))
    await waitFor(() => expect(app.sent[0]?.body).toEqual({ cluster_id: null, namespace: 'shop-two' }))
  })

  test('that are wrong are refused beside their fields, by the page and by the server', async () => {
    const app = await open()
    await retype(app, 'Namespace', 'Shop_1')
    await app.user.click(screen.getByRole('button', { name: 'Save settings' }))
    await waitFor(() => expect(screen.getByLabelText('Namespace')).toBeInvalid())
    expect(app.sent).toEqual([])
    await retype(app, 'Namespace', 'shop-1')
    server.use(
      on('put', ONE, () =>
        refusal(404, 'cluster-not-found', 'There is no such cluster.', {
          fields: [{ path: 'cluster_id', message: 'names no cluster you may see' }],
        }),
      ),
    )
    await app.user.click(screen.getByRole('button', { name: 'Save settings' }))
    await waitFor(() => expect(app.cluster).toBeInvalid())
    expect(app.cluster).toHaveAccessibleDescription('Names no cluster you may see.')
    await expectAccessible()
  })

  test('of somebody else who has saved meanwhile are loaded, and what was typed is kept', async () => {
    const app = await open()
    await retype(app, 'Name', 'Store')
    app.state.workflow = { ...app.state.workflow, revision: 7, description: 'By Grace' }
    let refused = false
    server.use(
      on('put', ONE, async (request) => {
        const ifMatch = request.headers.get('If-Match')
        app.sent.push({ ifMatch, body: await request.json() })
        refused = ifMatch !== '"7"'
        if (!refused) return HttpResponse.json({ ...app.state.workflow, name: 'Store', revision: 8 })
        const words = 'The workflow was saved meanwhile by Grace; it is at revision 7 now.'
        return refusal(409, 'revision-conflict', words, { body: { revision: 7 } })
      }),
    )
    await app.user.click(screen.getByRole('button', { name: 'Save settings' }))
    expect(await screen.findByText(/saved meanwhile by Grace/)).toBeVisible()
    await expectAccessible()
    await app.user.click(screen.getByRole('button', { name: 'Load what is saved' }))
    await waitFor(() =>
      expect(screen.getByLabelText('Description', { exact: false })).toHaveValue('By Grace'),
    )
    expect(screen.getByLabelText('Name')).toHaveValue('Store')
    expect(screen.queryByText(/saved meanwhile by Grace/)).not.toBeInTheDocument()
    await app.user.click(screen.getByRole('button', { name: 'Save settings' }))
    await waitFor(() => expect(app.sent.at(-1)).toEqual({ ifMatch: '"7"', body: { name: 'Store' } }))
  })

  test('are not left with changes without being asked', async () => {
    const app = await open()
    await retype(app, 'Name', 'Store')
    await app.user.click(screen.getByRole('link', { name: 'Clusters' }))
    const dialog = within(await screen.findByRole('alertdialog', { name: 'Leave without saving?' }))
    await app.user.click(dialog.getByRole('button', { name: 'Cancel' }))
    expect(screen.getByLabelText('Name')).toHaveValue('Store')
    await app.user.click(screen.getByRole('button', { name: 'Discard changes' }))
    expect(screen.getByLabelText('Name')).toHaveValue('Shop')
    await app.user.click(screen.getByRole('link', { name: 'Clusters' }))
    await waitFor(() => expect(app.router.state.location.pathname).toBe('/clusters'))
  })

  test('of an archived workflow are read only', async () => {
    const app = await open({ status: 'archived' })
    expect(screen.getByText(/^It is archived/)).toBeVisible()
    expect(screen.getByLabelText('Name')).toBeDisabled()
    expect(screen.queryByRole('button', { name: 'Remove tag shop' })).not.toBeInTheDocument()
    expect(app.save).toBeNull()
    await expectAccessible()
  })

  test('that cannot be loaded say why', async () => {
    server.use(
      on('get', '/clusters', page([])),
      on('get', ONE, () => refusal(404, 'not-found', 'There is no such workflow.')),
    )
    renderApp(`${ONE}/settings/general`)
    expect(await screen.findByText('There is no such workflow.')).toBeVisible()
    await expectAccessible()
  })
})

test('tags are added, and taken away by key and by button', async () => {
  const app = await open()
  const field = screen.getByLabelText('Tags', { exact: false, selector: 'input' })
  await app.user.type(field, 'web,SHOP,{Enter} front')
  await app.user.tab()
  const tags = () => within(screen.getByRole('list', { name: 'Tags' })).getAllByRole('listitem')
  expect(tags().map((tag) => tag.textContent)).toEqual(['shop', 'web', 'front'])
  await app.user.click(screen.getByRole('button', { name: 'Remove tag web' }))
  expect(field).toHaveFocus()
  await app.user.keyboard('{Backspace}')
  expect(tags().map((tag) => tag.textContent)).toEqual(['shop'])
})

test('a tag is there once, and cut to what a tag may have', () => {
  expect(withTags(['a'], ' A, b ,,b')).toEqual(['a', 'b'])
  expect(withTags([], 'x'.repeat(50))).toEqual(['x'.repeat(40)])
})

test.each([
  [{ wasRun: false }, null],
  [{ before: { cluster_id: '', namespace: 'shop' } }, null],
  [{ after: { cluster_id: 'one', namespace: 'shop' } }, null],
])('going elsewhere means nothing where nothing is: %j', (change, words) => {
  const moving = {
    before: { cluster_id: 'one', namespace: 'shop' },
    after: { cluster_id: 'two', namespace: 'shop' },
    wasRun: true,
    nameOf: (id: string) => id,
  }
  expect(consequenceOf({ ...moving, ...change })).toBe(words)
})
