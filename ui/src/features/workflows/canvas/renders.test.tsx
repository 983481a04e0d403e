import { act, screen, waitFor } from '@testing-library/react'
import { memo, Profiler, type ComponentProps } from 'react'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { resetStream } from '@/lib/stream/stream'
import { renderApp } from '@/testing/render'
import { layOut, LiveServer, makeStatus, servePage, WORKFLOW_ID } from '../open/live.fixture'
import type * as card from './card'

const rendered = vi.hoisted(() => new Map<string, number>())

// the page's own card; React says whenever it, or a part of it, has rendered
vi.mock('./card', async (original) => {
  const { Card: Real, ...others } = await original<typeof card>()
  const count = (id: string) => rendered.set(id, (rendered.get(id) ?? 0) + 1)
  const Card = memo(function Counted(props: ComponentProps<typeof card.Card>) {
    return (
      <Profiler id={props.id} onRender={count}>
        <Real {...props} />
      </Profiler>
    )
  })
  return { ...others, Card }
})

const NODES = Array.from({ length: 50 }, (_, index) => `n${index}`)
const ONE = 'n7'

function graphOf(names: Record<string, string> = {}) {
  const nodes = NODES.map((id, index) => ({
    id,
    type: 'deployment',
    position: { x: (index % 10) * 300, y: Math.floor(index / 10) * 260 },
    data: { name: names[id] ?? id, image: 'a/b:1', replicas: 2 },
  }))
  return { nodes, edges: [] }
}

function statuses(change: Record<string, object> = {}) {
  return NODES.map((id) => makeStatus(id, change[id]))
}

function cardOf(id: string): Element | null {
  return document.querySelector(`[data-card="${id}"]`)
}

let live: LiveServer
let page: ReturnType<typeof servePage>

beforeEach(async () => {
  layOut()
  live = new LiveServer()
  page = servePage(graphOf(), statuses({ [ONE]: { state: 'progressing' } }))
  const { queryClient } = renderApp(`/workflows/${WORKFLOW_ID}`)
  await screen.findByRole('heading', { name: 'Shop', level: 1 }, { timeout: 10_000 })
  await waitFor(() => expect(live.asked).not.toHaveLength(0))
  live.workflow('metadata', { workflow: { revision: 3 }, active_run_id: null, node_statuses: statuses() })
  await waitFor(() => expect(cardOf(ONE)).toHaveAttribute('data-state', 'healthy'))
  await waitFor(() => expect(queryClient.isFetching()).toBe(0))
  rendered.clear()
})

afterEach(() => act(() => resetStream()))

it('renders one card for one status', async () => {
  live.workflow('node_update', makeStatus(ONE, { state: 'error', message: 'No.' }))
  await waitFor(() => expect(cardOf(ONE)).toHaveAttribute('data-state', 'error'))
  expect([...rendered.keys()]).toEqual([ONE])
})

it('renders one card when one of all statuses is another', async () => {
  live.workflow('workflow_sync', { node_statuses: statuses({ [ONE]: { state: 'error' } }) })
  await waitFor(() => expect(cardOf(ONE)).toHaveAttribute('data-state', 'error'))
  expect([...rendered.keys()]).toEqual([ONE])
})

it('renders one card when one node is drawn otherwise, and again for what is wrong with it', async () => {
  page.workflow = { ...page.workflow, ...graphOf({ [ONE]: 'renamed' }), revision: 4 }
  page.issues = [{ node_id: ONE, code: 'x', path: '', severity: 'error', message: 'No.' }]
  live.workflow('saved', { revision: 4 })
  await waitFor(() => expect(cardOf(ONE)).toHaveTextContent('renamed'))
  await waitFor(() => expect(cardOf(ONE)?.querySelector('[title="1 error"]')).toBeInTheDocument())
  expect([...rendered.keys()]).toEqual([ONE])
})

it('renders the chosen card, and the one that Tab led to before', async () => {
  act(() => document.querySelector<HTMLElement>(`[data-card-button="${ONE}"]`)?.click())
  expect(await screen.findByRole('complementary', { name: 'n7, Deployment' })).toBeVisible()
  expect([...rendered.keys()].sort()).toEqual(['n0', ONE])
})
