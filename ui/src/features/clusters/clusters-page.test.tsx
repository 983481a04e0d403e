import { screen, within } from '@testing-library/react'
import { HttpResponse } from 'msw'
import { describe, expect, test } from 'vitest'
import { makeCluster, page } from '@/testing/factories'
import { expectAccessible, renderApp } from '@/testing/render'
import { on, refusal, server } from '@/testing/server'

const table = () => screen.findByRole('table', { name: 'Clusters' })

describe('the list', () => {
  test('tells what is known of each and how old it is', async () => {
    server.use(
      on(
        'get',
        '/clusters',
        page([
          makeCluster(),
          makeCluster({
            id: 'cluster-2',
            name: 'lab',
            is_default: false,
            status: 'unreachable',
            status_reason: 'No answer within 5 seconds.',
            insecure_skip_tls_verify: true,
            simulated: true,
          }),
          makeCluster({
            id: 'cluster-3',
            name: 'new',
            is_default: false,
            status: 'unknown',
            last_checked_at: null,
          }),
        ]),
      ),
    )
    renderApp('/clusters')
    const [, staging, lab, fresh] = within(await table()).getAllByRole('row')
    for (const words of ['staging', 'Default', 'https://10.0.0.1:6443', 'Connected', 'v1.34.2', '3.4 ms']) {
      expect(staging).toHaveTextContent(words)
    }
    for (const words of [
      'Unreachable',
      'No answer within 5 seconds.',
      'Certificate not verified',
      'Simulated nodes',
    ]) {
      expect(lab).toHaveTextContent(words)
    }
    expect(lab).not.toHaveTextContent('3.4 ms')
    expect(fresh).toHaveTextContent('Not checked yet')
    expect(fresh).toHaveTextContent('never')
    await expectAccessible()
  })

  test('is empty with a first step', async () => {
    server.use(on('get', '/clusters', page([])))
    renderApp('/clusters')
    expect(await screen.findByText('Loading clusters')).toBeInTheDocument()
    expect(await screen.findByRole('heading', { name: 'No clusters yet' })).toBeVisible()
    expect(screen.getAllByRole('link', { name: 'Add cluster' })[0]).toHaveAttribute('href', '/clusters/new')
    await expectAccessible()
  })

  test.each([
    [503, 'Not available at the moment'],
    [403, 'You may not see the clusters'],
    [500, 'Could not load the clusters'],
  ])('that is refused with %d says so', async (status, title) => {
    server.use(on('get', '/clusters', () => refusal(status, 'some-code', 'This is why.')))
    renderApp('/clusters')
    expect(await screen.findByRole('heading', { name: title })).toBeVisible()
    expect(screen.getByText('This is why.')).toBeVisible()
    expect(screen.getByText('some-code')).toBeVisible()
    await expectAccessible()
  })
})

describe('what can be done with one', () => {
  const open = async (action: string) => {
    server.use(on('get', '/clusters', page([makeCluster({ is_default: false })])))
    const app = renderApp('/clusters')
    await app.user.click(within(await table()).getByRole('button', { name: 'Actions for staging' }))
    await app.user.click(await screen.findByRole('menuitem', { name: action }))
    return app
  }

  test('it becomes the default', async () => {
    server.use(on('put', '/clusters/cluster-1/default', makeCluster()))
    await open('Make it the default')
    expect(await screen.findByText('New workflows go to staging.')).toBeVisible()
  })

  test('it is checked; a refusal is said', async () => {
    server.use(on('post', '/clusters/cluster-1/refresh', () => refusal(503, 'unavailable', 'Not now.')))
    await open('Check now')
    expect(await screen.findByText('Not now.')).toBeVisible()
  })

  test('it is deleted after a question that says what goes on', async () => {
    const { user } = await open('Delete…')
    const dialog = await screen.findByRole('alertdialog', { name: 'Delete staging?' })
    expect(dialog).toHaveTextContent('What runs there goes on running')
    await expectAccessible()
    server.use(
      on('delete', '/clusters/cluster-1', () => new HttpResponse(null, { status: 204 })),
      on('get', '/clusters', page([])),
    )
    await user.click(within(dialog).getByRole('button', { name: 'Delete cluster' }))
    expect(await screen.findByRole('heading', { name: 'No clusters yet' })).toBeVisible()
  })
})
