import { fireEvent, screen, waitFor, within } from '@testing-library/react'
import { HttpResponse } from 'msw'
import { beforeEach, expect, test } from 'vitest'
import { makeCluster, page } from '@/testing/factories'
import { expectAccessible, renderApp } from '@/testing/render'
import { on, refusal, server } from '@/testing/server'

const TEXT =
  '# The workflow Shop: a "test". Secret values are placeholders.\nkind: Service\n# kubeorch-graph/1 abc\n'

beforeEach(() => {
  server.use(on('get', '/workflows', page([])), on('get', '/clusters', page([makeCluster()])))
})

/** The dialog, where a file is to be read; `answers` are given one after the other. */
async function open(...answers: (() => Response)[]) {
  const sent: unknown[] = []
  server.use(
    on('post', '/workflows/from-export', async (request) => {
      sent.push(await request.json())
      return answers[sent.length - 1]?.() ?? HttpResponse.json({ id: 'workflow-9' }, { status: 201 })
    }),
    on('get', '/workflows/workflow-9', () => refusal(404, 'not-found', 'There is no such workflow.')),
    on('get', '/node-types', { items: [], rules: [] }),
  )
  const app = renderApp('/workflows/new')
  const dialog = within(await screen.findByRole('dialog', { name: 'New workflow' }))
  await app.user.click(await dialog.findByRole('radio', { name: 'An exported file' }))
  const create = () => app.user.click(dialog.getByRole('button', { name: 'Create workflow' }))
  const choose = (text: string, name = 'shop.yaml') =>
    app.user.upload(dialog.getByLabelText('Exported file'), new File([text], name))
  return { ...app, dialog, create, choose, sent }
}

test('an exported file is read back under the name it had, without a description', async () => {
  const { dialog, create, choose, sent, router } = await open()
  expect(dialog.queryByLabelText('Description', { exact: false })).not.toBeInTheDocument()
  await choose(TEXT)
  expect(await dialog.findByText('shop.yaml')).toBeVisible()
  await waitFor(() => expect(dialog.getByLabelText('Name')).toHaveValue('Shop: a "test"'))
  await expectAccessible()
  await create()
  await waitFor(() => expect(router.state.location.pathname).toBe('/workflows/workflow-9'))
  expect(sent).toEqual([
    { name: 'Shop: a "test"', namespace: 'default', cluster_id: 'cluster-1', text: TEXT },
  ])
})

test('what the server says of the file stands beside it, until there is another', async () => {
  const words = 'The objects in this file were changed after it was exported.'
  const { dialog, create, choose, sent, user, router } = await open(() =>
    refusal(422, 'export-changed', words),
  )
  await user.type(dialog.getByLabelText('Name'), 'Mine')
  await choose(TEXT)
  await create()
  await waitFor(() => expect(dialog.getByLabelText('Exported file')).toHaveAccessibleDescription(words))
  expect(dialog.getAllByText(words)).toHaveLength(1)
  expect(dialog.getByLabelText('Name')).toHaveValue('Mine')
  await expectAccessible()
  const place = dialog.getByRole('button', { name: 'Choose another file' }).parentElement
  if (place === null) throw new Error('There is no place to drop on.')
  fireEvent.drop(place, { dataTransfer: { files: [new File([`${TEXT}#`], 'again.yaml')] } })
  expect(await dialog.findByText('again.yaml')).toBeVisible()
  expect(dialog.queryByText(words)).not.toBeInTheDocument()
  await create()
  await waitFor(() => expect(router.state.location.pathname).toBe('/workflows/workflow-9'))
  expect(sent.at(-1)).toMatchObject({ name: 'Mine', text: `${TEXT}#` })
})

test('what cannot be an export is not sent', async () => {
  const { dialog, create, choose, sent, user } = await open()
  await user.type(dialog.getByLabelText('Name'), 'Mine')
  await create()
  expect(await dialog.findByText('Choose the file first.')).toBeVisible()
  fireEvent.drop(dialog.getByText('or drop it here'), {
    dataTransfer: { files: [new File(['zip'], 'shop-helm.zip')] },
  })
  expect(await dialog.findByText(/^Only the YAML export holds the drawing/)).toBeVisible()
  await choose('')
  expect(await dialog.findByText('It is empty.')).toBeVisible()
  expect(sent).toEqual([])
})
