import { act, screen, waitFor, within } from '@testing-library/react'
import { HttpResponse } from 'msw'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Schema } from '@/lib/api/client'
import { resetStream } from '@/lib/stream/stream'
import { renderApp } from '@/testing/render'
import { on, server } from '@/testing/server'
import { servedTypes } from '../graph/catalogue.fixture'
import { LiveServer, layOut, makePublicWorkflow, servePage, WORKFLOW_ID } from '../open/live.fixture'

beforeEach(() => {
  layOut()
  new LiveServer()
})

afterEach(() => {
  act(() => resetStream())
})

const NODES = [
  {
    id: 'cr',
    type: 'custom-resource',
    position: { x: 0, y: 0 },
    data: { name: 'main', api_version: 'example.com/v1', kind: 'Widget', spec: { size: 3 } },
  },
]

/** Node types as a cluster makes them, with a form for widgets. */
function onCluster(availability: Schema<'Availability'>): Schema<'NodeTypes'> {
  const served = servedTypes()
  const base = served.items.find(({ type }) => type === 'custom-resource')
  if (base === undefined) throw new Error('no custom resources')
  const widget: Schema<'NodeType'> = {
    ...base,
    type: 'example.com/v1/Widget',
    title: 'Widget of the shop',
    source: 'crd',
    applies_when: { path: '/kind', equals: 'Widget' },
    schema: {
      ...base.schema,
      properties: {
        name: { type: 'string' },
        spec: { type: 'object', properties: { size: { type: 'integer' } } },
      },
    },
    ui: { '/spec/size': { group: 'spec', order: 1, title: 'Size in litres' } },
    availability,
  }
  return { ...served, items: [...served.items, widget] }
}

it('names a custom resource as its preset does, with its form, and says what keeps it away', async () => {
  servePage({ nodes: NODES, edges: [] })
  const asked: string[] = []
  const reason = 'This cluster has no widgets.example.com.'
  server.use(
    on('get', '/node-types', ({ url }) => {
      const { searchParams } = new URL(url)
      asked.push(searchParams.toString())
      return HttpResponse.json(
        searchParams.has('cluster') ? onCluster({ state: 'missing_crd', reason }) : servedTypes(),
      )
    }),
  )
  const { user } = renderApp(`/workflows/${WORKFLOW_ID}?node=cr&panel=status&view=graph`)
  const inspector = await screen.findByRole('complementary', { name: 'main, Widget of the shop' })
  expect(within(inspector).getByText(reason)).toBeVisible()
  expect(screen.getByRole('img', { name: reason })).toBeInTheDocument()
  await user.click(within(inspector).getByRole('tab', { name: 'Configure' }))
  const size = await within(inspector).findByLabelText(/Size in litres/)
  expect(size).toHaveValue('3')
  expect(asked).toEqual(['', 'cluster=cluster-1&namespace=shop'])
})

it('asks again when the workflow goes elsewhere, and stays usable while the cluster is away', async () => {
  const page = servePage({ nodes: NODES, edges: [] })
  const asked: string[] = []
  server.use(
    on('get', '/node-types', ({ url }) => {
      const namespace = new URL(url).searchParams.get('namespace')
      if (namespace === null) return HttpResponse.json(servedTypes())
      asked.push(namespace)
      return HttpResponse.json(onCluster({ state: 'unknown', reason: 'The cluster does not answer.' }))
    }),
  )
  const { queryClient } = renderApp(`/workflows/${WORKFLOW_ID}?node=cr&panel=status&view=graph`)
  expect(await screen.findByText('The cluster does not answer.')).toBeVisible()
  // every card would say so
  expect(screen.queryByRole('img', { name: 'The cluster does not answer.' })).not.toBeInTheDocument()
  page.workflow = makePublicWorkflow({ nodes: NODES, edges: [], namespace: 'store', revision: 4 })
  await act(() => queryClient.invalidateQueries({ queryKey: ['workflows', 'one', WORKFLOW_ID], exact: true }))
  await waitFor(() => expect(asked).toEqual(['shop', 'store']))
})
