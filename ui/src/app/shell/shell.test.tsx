import { act, screen, waitFor, within } from '@testing-library/react'
import { HttpResponse } from 'msw'
import { beforeEach, describe, expect, test } from 'vitest'
import { announce } from '@/lib/a11y/announce'
import { setPrefs, usePrefs } from '@/lib/storage/prefs'
import { makeCluster, page } from '@/testing/factories'
import { expectAccessible, renderApp } from '@/testing/render'
import { on, refusal, server } from '@/testing/server'
import { initials } from './user-menu'

beforeEach(() => {
  setPrefs({ rail: false, theme: 'system' })
  server.use(on('get', '/workflows', page([])), on('get', '/clusters', page([makeCluster()])))
})

const heading = (name: string) => screen.findByRole('heading', { level: 1, name })

describe('moving about', () => {
  test('the start leads to the workflows; what is there is listed and marked', async () => {
    const { router } = renderApp('/')
    await heading('Workflows')
    expect(router.state.location.pathname).toBe('/workflows')
    const links = within(screen.getByRole('navigation', { name: 'Main' })).getAllByRole('link')
    expect(links.map((link) => link.textContent)).toEqual(['Workflows', 'Runs', 'Clusters'])
    expect(links[0]).toHaveAttribute('aria-current', 'page')
    expect(links[1]).not.toHaveAttribute('aria-current')
    expect(await screen.findByText('Version 1.2.3')).toBeVisible()
  })

  test('brings focus to the heading, and names page and way', async () => {
    const { user } = renderApp('/workflows')
    await heading('Workflows')
    await user.click(screen.getByRole('link', { name: 'Clusters' }))
    await waitFor(async () => expect(await heading('Clusters')).toHaveFocus())
    expect(document.title).toBe('Clusters · KubeOrch')
    await user.click(screen.getByRole('link', { name: 'Add cluster' }))
    await heading('Add cluster')
    const way = within(screen.getByRole('navigation', { name: 'Breadcrumbs' }))
    expect(way.getByRole('link', { name: 'Clusters' })).toHaveAttribute('href', '/clusters')
    expect(way.getByText('Add cluster')).toHaveAttribute('aria-current', 'page')
  })

  test('one can skip to the content', async () => {
    const { user } = renderApp('/workflows')
    await heading('Workflows')
    await user.tab()
    expect(screen.getByRole('link', { name: 'Skip to content' })).toHaveFocus()
    await user.keyboard('{Enter}')
    expect(screen.getByRole('main')).toHaveFocus()
  })

  test('an address that leads nowhere says so inside the shell', async () => {
    renderApp('/nowhere/at/all')
    expect(await heading('There is nothing at this address')).toBeVisible()
    expect(screen.getByRole('navigation', { name: 'Main' })).toBeVisible()
    await expectAccessible()
  })

  test('the sidebar narrows, and that is kept', async () => {
    const { user } = renderApp('/workflows')
    await heading('Workflows')
    await user.click(screen.getByRole('button', { name: 'Narrow the sidebar' }))
    expect(usePrefs.getState().rail).toBe(true)
    expect(screen.getByRole('link', { name: 'Clusters' })).toBeVisible()
    expect(screen.getByRole('link', { name: 'Clusters' })).not.toHaveTextContent('Clusters')
    await expectAccessible()
  })

  test('a newer version is offered, and nothing is loaded by itself', async () => {
    const { queryClient } = renderApp('/workflows')
    await screen.findByText('Version 1.2.3')
    server.use(on('get', '/version', { name: 'KubeOrch', version: '1.3.0', links: {} }))
    await queryClient.refetchQueries({ queryKey: ['version'] })
    expect(await screen.findByText(/KubeOrch 1\.3\.0 is in place/)).toBeVisible()
    expect(screen.getByRole('button', { name: 'Reload' })).toBeVisible()
  })
})

describe('the user menu', () => {
  const open = async () => {
    const app = renderApp('/workflows')
    await heading('Workflows')
    await app.user.click(screen.getByRole('button', { name: 'Account of Ada Lovelace' }))
    return app
  }

  test('says who is signed in and changes how the page looks', async () => {
    const { user } = await open()
    expect(screen.getByText('ada@example.com')).toBeVisible()
    expect(screen.getByText('Administrator')).toBeVisible()
    await user.click(screen.getByRole('menuitemradio', { name: 'Dark' }))
    await user.click(screen.getByRole('menuitemradio', { name: 'Compact' }))
    expect(usePrefs.getState()).toMatchObject({ theme: 'dark', density: 'compact' })
  })

  test('signs out and empties what was cached', async () => {
    server.use(
      on('post', '/auth/logout', () => new HttpResponse(null, { status: 204 })),
      on('get', '/auth/methods', { password: true, signup: 'open', first_account: false, providers: [] }),
    )
    const { router, user, queryClient } = await open()
    await user.click(screen.getByRole('menuitem', { name: 'Sign out' }))
    await heading('Sign in')
    expect(router.state.location).toMatchObject({ pathname: '/login', search: '' })
    expect(queryClient.getQueryCache().find({ queryKey: ['version'] })).toBeUndefined()
  })

  test('says when signing out did not work', async () => {
    server.use(
      on('post', '/auth/logout', () => refusal(503, 'storage-unavailable', 'Redis does not answer.')),
    )
    const { user } = await open()
    await user.click(screen.getByRole('menuitem', { name: 'Sign out' }))
    expect(await screen.findByText('You are still signed in. Redis does not answer.')).toBeVisible()
    expect(await heading('Workflows')).toBeVisible()
  })
})

test('a session that ends leads to sign-in and back', async () => {
  const { router, user } = renderApp('/workflows')
  await heading('Workflows')
  server.use(
    on('get', '/clusters', () => refusal(401, 'token-expired', 'The token has expired.')),
    on('post', '/auth/refresh', () => refusal(401, 'refresh-invalid', 'The session has ended.')),
    on('get', '/auth/methods', { password: true, signup: 'open', first_account: false, providers: [] }),
  )
  await user.click(screen.getByRole('link', { name: 'Clusters' }))
  await heading('Sign in')
  expect(router.state.location.search).toBe('?return_to=%2Fclusters')
  expect(screen.getByText(/Your session has ended/)).toBeVisible()
})

test('words for screen readers are grouped, urgent ones said at once', async () => {
  renderApp('/workflows')
  await heading('Workflows')
  act(() => {
    announce('web is healthy')
    announce('db is degraded')
    announce('web is healthy')
    announce('The run failed', 'assertive')
  })
  expect(await screen.findByText('The run failed')).toBeInTheDocument()
  expect(
    await screen.findByText('web is healthy. db is degraded', undefined, { timeout: 3000 }),
  ).toBeInTheDocument()
})

test.each([
  ['Ada Lovelace', 'AL'],
  ['ada', 'A'],
  ['Jean  de la Fontaine', 'JF'],
  ['😀 b', '😀B'],
  ['', ''],
])('%j has the initials %j', (name, letters) => {
  expect(initials(name)).toBe(letters)
})
