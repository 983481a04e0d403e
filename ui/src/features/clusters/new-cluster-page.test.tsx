import { screen, waitFor, within } from '@testing-library/react'
import { HttpResponse } from 'msw'
import { describe, expect, test } from 'vitest'
import { makeCluster, page } from '@/testing/factories'
import { expectAccessible, renderApp } from '@/testing/render'
import { on, refusal, server } from '@/testing/server'
import { bodyOf, EMPTY } from './cluster-form'

const PASSED = {
  ok: true,
  server: 'https://10.0.0.1:6443',
  version: 'v1.34.2',
  checks: [{ id: 'address', title: 'Address', state: 'pass', detail: 'https://10.0.0.1:6443', remedy: '' }],
}
const FAILED = {
  ok: false,
  server: 'https://10.0.0.1:6443',
  version: '',
  checks: [
    { id: 'address', title: 'Address', state: 'pass', detail: '', remedy: '' },
    {
      id: 'reach',
      title: 'Connection',
      state: 'fail',
      detail: 'It refused.',
      remedy: 'Check address and port.',
    },
    { id: 'auth', title: 'Sign-in', state: 'skip', detail: '', remedy: '' },
  ],
}

const kubeconfig = () => screen.getByRole('textbox', { name: 'Kubeconfig' })
const press = (name: string) => screen.getByRole('button', { name })

async function open() {
  server.use(on('get', '/clusters', page([makeCluster()])))
  const app = renderApp('/clusters/new')
  await app.user.type(await screen.findByRole('textbox', { name: 'Name' }), 'staging')
  return app
}

describe('a test before saving', () => {
  test('shows each check, and what to do', async () => {
    server.use(on('post', '/clusters/test', FAILED))
    const { user } = await open()
    await user.type(kubeconfig(), 'kind: Config')
    await user.click(press('Test connection'))
    const result = within(await screen.findByRole('region', { name: 'Connection test' }))
    expect(result.getByText('The cluster cannot be used like this')).toBeVisible()
    expect(result.getAllByRole('listitem').map((item) => item.textContent)).toEqual([
      'Address Passed',
      'Connection FailedIt refused.Check address and port.',
      'Sign-in Not tried',
    ])
    await expectAccessible()
    // the result is about what was typed before
    await user.type(kubeconfig(), '!')
    expect(screen.queryByRole('region', { name: 'Connection test' })).not.toBeInTheDocument()
  })

  test('a kubeconfig that is refused is explained at its field alone', async () => {
    server.use(
      on('post', '/clusters/test', () =>
        refusal(422, 'invalid-input', 'kubeconfig.users.a.user.exec would run a program.', {
          fields: [{ path: 'kubeconfig.users.a.user.exec', message: 'would run a program on this server' }],
        }),
      ),
    )
    const { user } = await open()
    await user.type(kubeconfig(), 'kind: Config')
    await user.click(press('Test connection'))
    await waitFor(() => expect(kubeconfig()).toBeInvalid())
    expect(kubeconfig()).toHaveAccessibleDescription(/kubeconfig\.users\.a\.user\.exec would run a program/)
    expect(kubeconfig()).toHaveFocus()
    expect(screen.queryByRole('alert')).not.toBeInTheDocument()
  })

  test('needs the fields of the chosen kind of sign-in', async () => {
    const { user } = await open()
    await user.click(press('Test connection'))
    expect(await screen.findByText('Paste a kubeconfig, or choose a file.')).toBeVisible()
    await user.click(screen.getByRole('tab', { name: 'Server and token' }))
    expect(screen.queryByText('Paste a kubeconfig, or choose a file.')).not.toBeInTheDocument()
    await user.type(screen.getByLabelText('API server'), '10.0.0.1')
    await user.click(press('Test connection'))
    expect(await screen.findByText('Such as https://10.0.0.1:6443.')).toBeVisible()
    expect(screen.getByText('Enter a bearer token.')).toBeVisible()
    await expectAccessible()
  })
})

describe('saving', () => {
  test('sends a chosen file and goes to the list', async () => {
    let sent: unknown
    server.use(
      on('post', '/clusters/test', PASSED),
      on('post', '/clusters', async (request) => {
        sent = await request.json()
        return HttpResponse.json(makeCluster(), { status: 201 })
      }),
    )
    const { router, user } = await open()
    await user.upload(screen.getByLabelText('Kubeconfig file'), new File(['kind: Config'], 'config'))
    await waitFor(() => expect(kubeconfig()).toHaveValue('kind: Config'))
    await user.click(screen.getByRole('checkbox', { name: /Make it the default/ }))
    await user.click(press('Test connection'))
    expect(await screen.findByText('The cluster can be used')).toBeVisible()
    expect(screen.queryByRole('button', { name: 'Save although it fails' })).not.toBeInTheDocument()
    await user.click(press('Save cluster'))
    await waitFor(() => expect(router.state.location.pathname).toBe('/clusters'))
    expect(await screen.findByText('staging is added.')).toBeVisible()
    expect(screen.queryByRole('alertdialog')).not.toBeInTheDocument()
    expect(sent).toEqual({
      name: 'staging',
      auth_type: 'kubeconfig',
      kubeconfig: 'kind: Config',
      is_default: true,
      save_untested: false,
    })
  })

  test('what fails the test is saved only when one insists', async () => {
    const sent: unknown[] = []
    server.use(
      on('post', '/clusters', async (request) => {
        const body = (await request.json()) as { save_untested: boolean }
        sent.push(body.save_untested)
        return body.save_untested
          ? HttpResponse.json(makeCluster(), { status: 201 })
          : refusal(422, 'cluster-test-failed', 'Connection failed: It refused.', { body: { test: FAILED } })
      }),
    )
    const { router, user } = await open()
    await user.type(kubeconfig(), 'kind: Config')
    await user.click(press('Save cluster'))
    await user.click(await screen.findByRole('button', { name: 'Save although it fails' }))
    await waitFor(() => expect(router.state.location.pathname).toBe('/clusters'))
    expect(sent).toEqual([false, true])
  })

  test('a name that is taken is said', async () => {
    server.use(
      on('post', '/clusters', () => refusal(409, 'name-taken', 'There is a cluster staging already.')),
    )
    const { user } = await open()
    await user.type(kubeconfig(), 'kind: Config')
    await user.click(press('Save cluster'))
    expect(await screen.findByRole('alert')).toHaveTextContent('There is a cluster staging already.')
  })
})

test('leaving with something typed is asked about', async () => {
  const { router, user } = await open()
  await user.click(screen.getByRole('link', { name: 'Cancel' }))
  const dialog = await screen.findByRole('alertdialog', { name: 'Leave without saving?' })
  await user.click(within(dialog).getByRole('button', { name: 'Cancel' }))
  expect(router.state.location.pathname).toBe('/clusters/new')
  expect(screen.getByRole('textbox', { name: 'Name' })).toHaveValue('staging')
  await user.click(screen.getByRole('link', { name: 'Cancel' }))
  await user.click(await screen.findByRole('button', { name: 'Leave' }))
  await waitFor(() => expect(router.state.location.pathname).toBe('/clusters'))
})

test('only the fields of the chosen kind of sign-in are sent', () => {
  const values = {
    ...EMPTY,
    name: 'lab',
    kubeconfig: 'secret',
    server: 'https://a',
    token: 't',
    namespace: 'shop',
  }
  expect(bodyOf({ ...values, auth_type: 'token' })).toEqual({
    name: 'lab',
    auth_type: 'token',
    server: 'https://a',
    token: 't',
    namespace: 'shop',
    insecure_skip_tls_verify: false,
    is_default: false,
    save_untested: false,
  })
  expect(bodyOf(values)).not.toHaveProperty('token')
})
