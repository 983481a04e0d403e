import { render } from '@testing-library/react'
import { userEvent } from '@testing-library/user-event'
import axe from 'axe-core'
import { createMemoryRouter, RouterProvider } from 'react-router-dom'
import { expect } from 'vitest'
import { Providers } from '@/app/providers'
import { routes } from '@/app/routes'
import { createQueryClient } from '@/lib/api/query-client'
import { accept, startSession } from '@/lib/auth/session'
import { makeSession } from './factories'
import { on, server } from './server'

/** Sign somebody in, as the answer of the server would. */
export function signIn(session = makeSession()): void {
  // nothing is remembered, so this asks nothing and only makes ready
  void startSession()
  accept(session, new Response())
}

/** The whole interface at an address, with somebody signed in unless told otherwise. */
export function renderApp(path: string, { signedIn = true } = {}) {
  server.use(on('get', '/version', { name: 'KubeOrch', version: '1.2.3', links: {} }))
  if (signedIn) signIn()
  else void startSession()
  const router = createMemoryRouter(routes, { initialEntries: [path] })
  const queryClient = createQueryClient()
  queryClient.setDefaultOptions({ queries: { retry: false, staleTime: 30_000 } })
  const view = render(
    <Providers queryClient={queryClient}>
      <RouterProvider router={router} />
    </Providers>,
  )
  return { ...view, router, queryClient, user: userEvent.setup() }
}

/** Contrast needs layout, which jsdom has not: the tokens' test and the browser's check look at it. */
export async function expectAccessible(): Promise<void> {
  const { violations } = await axe.run(document.body, {
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    rules: { 'color-contrast': { enabled: false } },
  })
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`)).toEqual([])
}
