import { act, screen, waitFor, within } from '@testing-library/react'
import { HttpResponse } from 'msw'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Schema } from '@/lib/api/client'
import { resetStream } from '@/lib/stream/stream'
import { page } from '@/testing/factories'
import { expectAccessible, renderApp } from '@/testing/render'
import { on, refusal, server } from '@/testing/server'
import { LiveServer, layOut, makePublicWorkflow, servePage, WORKFLOW_ID } from '../open/live.fixture'

const ONE = `/workflows/${WORKFLOW_ID}`

beforeEach(() => {
  layOut()
  new LiveServer()
})

afterEach(() => {
  act(() => resetStream())
})

/** The page of a workflow with its menu open. */
async function open(change: Partial<Schema<'PublicWorkflow'>> = {}) {
  const state = servePage(change)
  const app = renderApp(ONE)
  const button = await screen.findByRole('button', { name: 'More' }, { timeout: 10_000 })
  await app.user.click(button)
  const menu = within(await screen.findByRole('menu'))
  const choose = (name: string) => app.user.click(menu.getByRole('menuitem', { name }))
  return { ...app, state, menu, button, choose }
}

describe('the menu of a workflow', () => {
  test('lists what can be done, and is walked by keys', async () => {
    const { menu, user, button } = await open()
    expect(menu.getAllByRole('menuitem').map((item) => item.textContent)).toEqual([
      'Settings',
      'Runs',
      'Versions',
      'Clone…',
      'YAML, to be read back here',
      'Kustomize folder',
      'Helm chart',
      'Archive…',
      'Delete…',
    ])
    await user.keyboard('{End}')
    expect(menu.getByRole('menuitem', { name: 'Delete…' })).toHaveFocus()
    await user.keyboard('{Escape}')
    expect(button).toHaveFocus()
  })

  test('leads to settings and versions', async () => {
    const { choose, user, router, button } = await open()
    server.use(on('get', `${ONE}/versions`, page([])), on('get', '/clusters', page([])))
    await choose('Versions')
    expect(await screen.findByRole('region', { name: 'Versions' })).toBeVisible()
    await user.click(button)
    await user.click(await screen.findByRole('menuitem', { name: 'Settings' }))
    await waitFor(() => expect(router.state.location.pathname).toBe(`${ONE}/settings/general`))
    expect(await screen.findByRole('heading', { level: 1, name: 'Settings' })).toBeVisible()
  })
})

describe('cloning', () => {
  test('asks for a name, and opens the copy', async () => {
    const { choose, user, router } = await open()
    const asked: unknown[] = []
    server.use(
      on('post', `${ONE}/clone`, async (request) => {
        asked.push(await request.json())
        return asked.length === 1
          ? refusal(422, 'invalid-input', 'The name is refused.', {
              fields: [{ path: 'name', message: 'is not nice' }],
            })
          : HttpResponse.json(makePublicWorkflow({ id: 'workflow-2' }), { status: 201 })
      }),
      on('get', '/workflows/workflow-2', () => refusal(404, 'not-found', 'There is no such workflow.')),
    )
    await choose('Clone…')
    const dialog = within(await screen.findByRole('dialog', { name: 'Clone Shop' }))
    const name = dialog.getByLabelText('Name of the copy')
    expect(name).toHaveValue('Shop copy')
    await waitFor(() => expect(name).toHaveFocus())
    await expectAccessible()
    await user.keyboard('{Enter}')
    expect(await dialog.findByText('Is not nice.')).toBeVisible()
    await user.clear(name)
    await user.type(name, 'Store{Enter}')
    await waitFor(() => expect(router.state.location.pathname).toBe('/workflows/workflow-2'))
    expect(asked).toEqual([{ name: 'Shop copy' }, { name: 'Store' }])
  })
})

describe('exporting', () => {
  const saved = () => {
    const names: string[] = []
    vi.stubGlobal('URL', Object.assign(URL, { createObjectURL: () => 'blob:1', revokeObjectURL: () => null }))
    vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (this: HTMLAnchorElement) {
      names.push(this.download)
    })
    return names
  }

  test('downloads the file under the name that the server gives it', async () => {
    const names = saved()
    const { choose } = await open()
    let format: string | null = null
    server.use(
      on('get', `${ONE}/export`, (request) => {
        format = new URL(request.url).searchParams.get('format')
        const headers = { 'Content-Disposition': 'attachment; filename="shop-helm.zip"' }
        return new HttpResponse('zip', { headers })
      }),
    )
    await choose('Helm chart')
    expect(await screen.findByText(/^shop-helm\.zip is exported\. Placeholders stand/)).toBeVisible()
    expect(names).toEqual(['shop-helm.zip'])
    expect(format).toBe('helm')
  })

  test('that is refused says why', async () => {
    const names = saved()
    const { choose } = await open()
    server.use(on('get', `${ONE}/export`, () => refusal(422, 'invalid-graph', 'web has no image.')))
    await choose('YAML, to be read back here')
    expect(await screen.findByText('It was not exported. web has no image.')).toBeVisible()
    expect(names).toEqual([])
  })
})

describe('the end of a workflow', () => {
  test('is asked for by the dialog of the list, and leads back to it', async () => {
    const { choose, user, router } = await open()
    server.use(
      on('delete', ONE, () => new HttpResponse(null, { status: 204 })),
      on('get', '/workflows', page([])),
      on('get', '/clusters', page([])),
    )
    await choose('Delete…')
    const dialog = within(await screen.findByRole('alertdialog', { name: 'Delete Shop?' }))
    await user.click(dialog.getByRole('button', { name: 'Delete workflow' }))
    await waitFor(() => expect(router.state.location.pathname).toBe('/workflows'))
    expect(await screen.findByText('Shop is deleted.')).toBeVisible()
  })

  test('may be to be archived, which the page then says', async () => {
    const { choose, user, state, button } = await open()
    server.use(
      on('put', `${ONE}/status`, () => {
        state.workflow = { ...state.workflow, status: 'archived' }
        return HttpResponse.json(state.workflow)
      }),
    )
    await choose('Archive…')
    const dialog = within(await screen.findByRole('alertdialog', { name: 'Archive Shop?' }))
    await user.click(dialog.getByRole('button', { name: 'Archive workflow' }))
    expect(await screen.findByText('Archived')).toBeInTheDocument()
    await user.click(button)
    expect(await screen.findByRole('menuitem', { name: 'Unarchive…' })).toBeVisible()
  })
})
