import { screen, waitFor } from '@testing-library/react'
import { HttpResponse } from 'msw'
import { describe, expect, test } from 'vitest'
import { makeSession, page } from '@/testing/factories'
import { expectAccessible, renderApp } from '@/testing/render'
import { on, refusal, server } from '@/testing/server'
import { strengthOf } from './strength'

const methods = (change = {}) =>
  on('get', '/auth/methods', {
    password: true,
    signup: 'open',
    first_account: false,
    providers: [],
    ...change,
  })
const emptyLists = [on('get', '/workflows', page([])), on('get', '/clusters', page([]))]

describe('sign in', () => {
  const fill = async (path = '/login') => {
    server.use(methods())
    const app = renderApp(path, { signedIn: false })
    await app.user.type(await screen.findByLabelText('E-mail address'), 'ada@example.com')
    await app.user.type(screen.getByLabelText('Password'), 'a quiet afternoon')
    return { ...app, press: () => app.user.click(screen.getByRole('button', { name: 'Sign in' })) }
  }

  test('says that it loads, then shows the form', async () => {
    server.use(methods())
    renderApp('/login', { signedIn: false })
    expect(await screen.findByText('Loading the ways to sign in')).toBeInTheDocument()
    expect(await screen.findByRole('heading', { level: 1, name: 'Sign in' })).toBeVisible()
    expect(document.title).toBe('Sign in · KubeOrch')
    expect(screen.getByLabelText('E-mail address')).toHaveAttribute('autocomplete', 'username')
    expect(screen.getByLabelText('Password')).toHaveAttribute('autocomplete', 'current-password')
    await expectAccessible()
  })

  test('leads back to where one wanted to go', async () => {
    server.use(
      on('post', '/auth/login', async (request) => {
        expect(await request.json()).toEqual({ email: 'ada@example.com', password: 'a quiet afternoon' })
        return HttpResponse.json(makeSession())
      }),
      ...emptyLists,
    )
    const { router, press } = await fill('/clusters')
    expect(router.state.location).toMatchObject({ pathname: '/login', search: '?return_to=%2Fclusters' })
    await press()
    expect(await screen.findByRole('heading', { level: 1, name: 'Clusters' })).toBeVisible()
  })

  test('a wrong password shows the sentence of the server and keeps the address', async () => {
    server.use(
      on('post', '/auth/login', () =>
        refusal(401, 'invalid-credentials', 'E-mail address or password is wrong.'),
      ),
    )
    const { press } = await fill()
    await press()
    expect(await screen.findByRole('alert')).toHaveTextContent('E-mail address or password is wrong.')
    expect(screen.getByLabelText('E-mail address')).toHaveValue('ada@example.com')
    expect(screen.getByLabelText('Password')).toHaveValue('')
    expect(screen.queryByText(/session has ended/)).not.toBeInTheDocument()
    await expectAccessible()
  })

  test('a lockout counts down, then lets one try again', async () => {
    server.use(
      on('post', '/auth/login', () =>
        refusal(429, 'too-many-attempts', 'Too many failed attempts.', { headers: { 'Retry-After': '2' } }),
      ),
    )
    const { press } = await fill()
    await press()
    expect(await screen.findByRole('button', { name: 'Wait 2 s' })).toBeDisabled()
    expect(screen.getByRole('alert')).toHaveTextContent('Too many failed attempts.')
    await waitFor(() => expect(screen.getByRole('button', { name: 'Sign in' })).toBeEnabled(), {
      timeout: 4000,
    })
    expect(screen.getByText('You may try again now.')).toBeVisible()
  })

  test('empty fields are named without asking the server', async () => {
    server.use(methods())
    const { user } = renderApp('/login', { signedIn: false })
    await user.click(await screen.findByRole('button', { name: 'Sign in' }))
    expect(await screen.findByText('Enter your e-mail address.')).toBeVisible()
    expect(screen.getByLabelText('E-mail address')).toHaveFocus()
    expect(screen.getByLabelText('E-mail address')).toHaveAccessibleDescription('Enter your e-mail address.')
  })

  test('a password can be shown', async () => {
    const { user } = await fill()
    await user.click(screen.getByRole('button', { name: 'Show password' }))
    expect(screen.getByLabelText('Password')).toHaveAttribute('type', 'text')
  })

  test('an API that does not answer can be asked again', async () => {
    server.use(
      on('get', '/auth/methods', () => refusal(503, 'storage-unavailable', 'MongoDB does not answer.')),
    )
    const { user } = renderApp('/login', { signedIn: false })
    expect(await screen.findByText('MongoDB does not answer.')).toBeVisible()
    expect(screen.getByText('req-1')).toBeVisible()
    await expectAccessible()
    server.use(methods())
    await user.click(screen.getByRole('button', { name: 'Retry' }))
    expect(await screen.findByLabelText('E-mail address')).toBeVisible()
  })

  test('leads to the first account where there is none', async () => {
    server.use(methods({ first_account: true }))
    const { router } = renderApp('/login?return_to=%2Fclusters', { signedIn: false })
    expect(await screen.findByRole('heading', { name: 'Create the first account' })).toBeVisible()
    expect(router.state.location.search).toBe('?return_to=%2Fclusters')
    await expectAccessible()
  })
})

describe('sign up', () => {
  const fill = async (path = '/signup') => {
    const app = renderApp(path, { signedIn: false })
    await app.user.type(await screen.findByLabelText('Name'), 'Ada Lovelace')
    await app.user.type(screen.getByLabelText('E-mail address'), 'ada@example.com')
    await app.user.type(screen.getByLabelText('Password'), 'a quiet afternoon')
    return {
      ...app,
      press: () => app.user.click(screen.getByRole('button', { name: /Sign up|Create account/ })),
    }
  }

  test('signs in', async () => {
    server.use(
      methods(),
      on('post', '/auth/register', async (request) => {
        expect(await request.json()).toEqual({
          name: 'Ada Lovelace',
          email: 'ada@example.com',
          password: 'a quiet afternoon',
        })
        return HttpResponse.json(makeSession(), { status: 201 })
      }),
      ...emptyLists,
    )
    const { press } = await fill()
    expect(screen.getByText('Strong')).toBeVisible()
    await expectAccessible()
    await press()
    expect(await screen.findByRole('heading', { level: 1, name: 'Workflows' })).toBeVisible()
  })

  test('complaints of the server stand at their fields', async () => {
    server.use(
      methods({ signup: 'invite' }),
      on('post', '/auth/register', () =>
        refusal(422, 'invalid-invite', 'The invite is not valid.', {
          fields: [{ path: 'invite', message: 'It is unknown, used, expired, or for another address.' }],
        }),
      ),
    )
    const { press } = await fill('/signup?invite=abc')
    expect(screen.getByLabelText('Invite')).toHaveValue('abc')
    await press()
    await waitFor(() => expect(screen.getByLabelText('Invite')).toBeInvalid())
    expect(screen.getByLabelText('Invite')).toHaveAccessibleDescription(/unknown, used, expired/)
    expect(screen.getByLabelText('Invite')).toHaveFocus()
    expect(screen.queryByRole('alert')).not.toBeInTheDocument()
  })

  test('complaints without a field stand above the form, with focus', async () => {
    server.use(
      methods(),
      on('post', '/auth/register', () =>
        refusal(409, 'email-taken', 'There is an account with this address.'),
      ),
    )
    const { press } = await fill()
    await press()
    const alert = await screen.findByRole('alert')
    expect(alert).toHaveTextContent('There is an account with this address.')
    expect(alert.parentElement).toHaveFocus()
  })

  test('is closed where it is closed, and says whom to ask', async () => {
    server.use(methods({ signup: 'closed' }))
    renderApp('/signup', { signedIn: false })
    expect(await screen.findByRole('heading', { name: 'Sign-up is closed' })).toBeVisible()
    expect(screen.getByText(/administrator/)).toBeVisible()
    expect(screen.queryByLabelText('Password')).not.toBeInTheDocument()
    await expectAccessible()
  })
})

test.each([
  ['short', '5 more characters', 0],
  ['ninechars', '1 more character', 0],
  ['aaaaaaaaaaaa', 'Weak: few different characters', 1],
  ['elevenchars', 'Fair: longer is better', 2],
  ['a quiet afternoon', 'Strong', 3],
])('the password %j is %s', (password, word, level) => {
  expect(strengthOf(password)).toEqual({ word, level })
})
