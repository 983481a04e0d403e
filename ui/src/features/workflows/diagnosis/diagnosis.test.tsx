import { act, screen, waitFor, within } from '@testing-library/react'
import { HttpResponse } from 'msw'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Schema } from '@/lib/api/client'
import { resetStream } from '@/lib/stream/stream'
import { expectAccessible, renderApp } from '@/testing/render'
import { on, refusal, server } from '@/testing/server'
import {
  AT,
  LiveServer,
  layOut,
  makePublicWorkflow,
  makeStatus,
  servePage,
  WORKFLOW_ID,
} from '../open/live.fixture'
import { partsOf } from './describe'

const NODE = `/workflows/${WORKFLOW_ID}/nodes/web`
const FIX: Schema<'Fix'> = {
  type: 'image',
  title: 'Use the tag 1.2',
  how: 'graph',
  target: 'image',
  wires: [{ source: 'svc', target: 'web', rule: 'service-selects' }],
}
const WRONG: Schema<'Check'> = {
  id: 'image',
  title: 'The image can be pulled',
  state: 'fail',
  detail: 'a/web:1 is not in the registry.',
  remedy: 'Choose a tag that exists.',
  evidence: ['pod web-7c: waiting.reason = ErrImagePull'],
  fix: FIX,
}
const FINE: Schema<'Check'> = {
  id: 'quota',
  title: 'There is quota',
  state: 'pass',
  detail: 'No quota applies.',
}
const SKIPPED: Schema<'Check'> = {
  id: 'logs',
  title: 'The logs say why',
  state: 'skip',
  detail: 'No log yet.',
}

let live: LiveServer

beforeEach(() => {
  layOut()
  live = new LiveServer()
})

afterEach(() => {
  act(() => resetStream())
})

function diagnosis(checks: Schema<'Check'>[]): Schema<'Diagnosis'> {
  return {
    workflow_id: WORKFLOW_ID,
    node_id: 'web',
    type: 'deployment',
    name: 'web',
    namespace: 'shop',
    cluster_id: 'cluster-1',
    state: checks[0]?.state ?? 'skip',
    checks,
    revision: 3,
    checked_at: AT,
  }
}

function preview(image: string): Schema<'FixPreview'> {
  return {
    fix: FIX,
    digest: `digest of ${image}`,
    revision: 3,
    graph: [{ path: 'nodes[web].data.image', old: 'a/web:1', new: image }],
    objects: [
      {
        index: 0,
        node_id: 'web',
        object: 'Deployment shop/web',
        kind: 'Deployment',
        namespace: 'shop',
        name: 'web',
        action: 'update',
        diff: [{ path: 'spec.template.spec.containers[web].image', old: 'a/web:1', new: image }],
        wave: 3,
      },
    ],
    acts: [],
  }
}

/** The tab of the node, with what the server finds; counts how often it was asked. */
function open(checks: Schema<'Check'>[]) {
  const asked: number[] = []
  const page = servePage({}, [makeStatus('web', { state: 'error', reason: 'ErrImagePull' })])
  server.use(
    on('get', `${NODE}/diagnostics`, () => {
      asked.push(asked.length)
      return HttpResponse.json(diagnosis(checks))
    }),
  )
  return { asked, page, ...renderApp(`/workflows/${WORKFLOW_ID}?node=web&panel=diagnosis&view=list`) }
}

describe('a diagnosis', () => {
  it('shows what is wrong, what shows it and what helps', async () => {
    open([WRONG, FINE, SKIPPED])
    const finding = await screen.findByRole('article', { name: WRONG.title })
    expect(finding).toHaveTextContent('Wrong')
    expect(finding).toHaveTextContent('a/web:1 is not in the registry.')
    expect(within(finding).getByRole('list', { name: /^Evidence/ })).toHaveTextContent('ErrImagePull')
    expect(finding).toHaveTextContent('What helps: Choose a tag that exists.')
    expect(screen.getByText('1 other thing in order')).toBeInTheDocument()
    expect(screen.getByText('1 thing not looked at')).toBeInTheDocument()
    await expectAccessible()
  })

  it('leads to the nodes that a fix concerns', async () => {
    const { user, router } = open([WRONG])
    server.use(on('get', `/workflows/${WORKFLOW_ID}/nodes/svc/diagnostics`, diagnosis([FINE])))
    const finding = await screen.findByRole('article', { name: WRONG.title })
    await user.click(within(finding).getByRole('button', { name: 'front' }))
    expect(await screen.findByText('Nothing wrong found.')).toBeInTheDocument()
    expect(router.state.location.search).toContain('node=svc')
  })

  it('says what was looked at when nothing is wrong', async () => {
    open([FINE])
    expect(await screen.findByText('Nothing wrong found.')).toBeInTheDocument()
    expect(screen.getByRole('heading', { name: 'Looked at' })).toBeInTheDocument()
    expect(screen.getByText('There is quota')).toBeVisible()
  })

  it('claims nothing when nothing could be looked at', async () => {
    open([SKIPPED])
    expect(await screen.findByText(/Nothing could be looked at/)).toBeInTheDocument()
    expect(screen.queryByText('Nothing wrong found.')).not.toBeInTheDocument()
  })

  it('is made again when it is asked for, and when the state of the node changes', async () => {
    const { asked, user } = open([WRONG])
    await screen.findByRole('article', { name: WRONG.title })
    expect(asked).toHaveLength(1)
    await user.click(screen.getByRole('button', { name: 'Look again' }))
    await waitFor(() => expect(asked).toHaveLength(2))
    act(() => live.workflow('node_update', makeStatus('web', { state: 'degraded', reason: 'Unready' })))
    await waitFor(() => expect(asked).toHaveLength(3))
  })

  it('says why it failed and can be tried again', async () => {
    servePage()
    server.use(on('get', `${NODE}/diagnostics`, () => refusal(403, 'forbidden', 'You may not see it.')))
    renderApp(`/workflows/${WORKFLOW_ID}?node=web&panel=diagnosis&view=list`)
    expect(await screen.findByText('You may not see it.')).toBeInTheDocument()
    expect(screen.getByRole('button', { name: 'Retry' })).toBeInTheDocument()
  })

  it('is not asked for without a cluster', async () => {
    servePage({ cluster_id: null })
    renderApp(`/workflows/${WORKFLOW_ID}?node=web&panel=diagnosis&view=list`)
    expect(await screen.findByText(/Choose a cluster for this workflow first/)).toBeInTheDocument()
  })

  it('is offered where the state is told, once for each count', async () => {
    servePage({}, [
      makeStatus('web', { state: 'error', ready: 0, desired: 1, message: '0 of 1 ready. No pod.' }),
    ])
    const { user } = renderApp(`/workflows/${WORKFLOW_ID}?node=web&view=list`)
    server.use(on('get', `${NODE}/diagnostics`, diagnosis([FINE])))
    const inspector = await screen.findByRole('complementary', { name: 'web, Deployment' })
    expect(await within(inspector).findByText('No pod.')).toBeInTheDocument()
    expect(within(inspector).getByText('0 of 1 ready')).toBeInTheDocument()
    await user.click(within(inspector).getByRole('button', { name: 'Why?' }))
    expect(await screen.findByText('Nothing wrong found.')).toBeInTheDocument()
  })

  it('is one step away from a card that fails', async () => {
    servePage({}, [makeStatus('web', { state: 'error' })])
    server.use(on('get', `${NODE}/diagnostics`, diagnosis([FINE])))
    const { user, router } = renderApp(`/workflows/${WORKFLOW_ID}?view=graph`)
    const why = await screen.findByRole('button', { name: 'Why is web error?' })
    act(() => why.focus())
    await user.keyboard('{Enter}')
    expect(await screen.findByText('Nothing wrong found.')).toBeInTheDocument()
    expect(router.state.location.search).toContain('panel=diagnosis')
  })
})

describe('a fix', () => {
  it('is shown before it is made, and then made exactly so', async () => {
    const { user, page } = open([WRONG])
    const bodies: unknown[] = []
    server.use(
      on('get', `${NODE}/fix-template/image`, preview('a/web:1.2')),
      on('post', `${NODE}/fix`, async (request) => {
        bodies.push(await request.json())
        page.workflow = makePublicWorkflow({ revision: 4 })
        return HttpResponse.json({ type: 'image', revision: 4, done: ['Saved.'], next: 'run' })
      }),
    )
    await user.click(await screen.findByRole('button', { name: /Use the tag 1\.2/ }))
    const dialog = await screen.findByRole('dialog', { name: FIX.title })
    const inGraph = await within(dialog).findByRole('region', { name: 'In the graph: web' })
    expect(inGraph).toHaveTextContent('a/web:1.2')
    expect(within(dialog).getByRole('region', { name: /next run/ })).toHaveTextContent('Update')
    await expectAccessible()
    const apply = within(dialog).getByRole('button', { name: 'Change the graph' })
    expect(apply).toHaveFocus()
    await user.keyboard('{Enter}')
    expect(await screen.findByText('Saved.')).toBeInTheDocument()
    expect(bodies).toEqual([{ fix_type: 'image', digest: 'digest of a/web:1.2' }])
    expect(screen.queryByRole('dialog')).not.toBeInTheDocument()
    expect(screen.getByRole('button', { name: 'Plan the run' })).toBeInTheDocument()
  })

  it('is shown again when the ground has changed', async () => {
    const { user } = open([WRONG])
    let image = 'a/web:1.2'
    server.use(
      on('get', `${NODE}/fix-template/image`, () => HttpResponse.json(preview(image))),
      on('post', `${NODE}/fix`, () => {
        image = 'a/web:1.3'
        return refusal(409, 'fix-changed', 'It has changed.')
      }),
    )
    await user.click(await screen.findByRole('button', { name: /Use the tag 1\.2/ }))
    const apply = await screen.findByRole('button', { name: 'Change the graph' })
    await waitFor(() => expect(apply).toBeEnabled())
    await user.click(apply)
    expect(await screen.findByText(/The ground has changed/)).toBeInTheDocument()
    expect(await screen.findAllByText('a/web:1.3')).not.toHaveLength(0)
    expect(screen.queryByText('a/web:1.2')).not.toBeInTheDocument()
    await waitFor(() => expect(apply).toBeEnabled())
  })

  it('says what the server refuses, and stays', async () => {
    const { user } = open([WRONG])
    server.use(
      on('get', `${NODE}/fix-template/image`, preview('a/web:1.2')),
      on('post', `${NODE}/fix`, () => refusal(403, 'forbidden', 'You may only look.')),
    )
    await user.click(await screen.findByRole('button', { name: /Use the tag 1\.2/ }))
    const apply = await screen.findByRole('button', { name: 'Change the graph' })
    await waitFor(() => expect(apply).toBeEnabled())
    await user.click(apply)
    expect(await screen.findByText('You may only look.')).toBeInTheDocument()
    expect(screen.getByRole('dialog')).toBeInTheDocument()
  })

  it('says when it is offered no longer, and does not offer itself', async () => {
    const { user } = open([WRONG])
    server.use(
      on('get', `${NODE}/fix-template/image`, () => refusal(422, 'fix-not-offered', 'Not any more.')),
    )
    await user.click(await screen.findByRole('button', { name: /Use the tag 1\.2/ }))
    expect(await screen.findByText('Not any more.')).toBeInTheDocument()
    expect(screen.getByRole('button', { name: 'Change the graph' })).toBeDisabled()
  })

  it('of the cluster says what is done at once', async () => {
    const fix: Schema<'Fix'> = {
      type: 'delete-pods',
      title: 'Replace its pods',
      how: 'cluster',
      target: 'pods',
    }
    const { user } = open([{ ...WRONG, fix }])
    server.use(
      on('get', `${NODE}/fix-template/delete-pods`, {
        fix,
        digest: 'd',
        revision: 3,
        graph: [],
        objects: [],
        acts: ['Delete Pod shop/web-1.'],
      }),
      on('post', `${NODE}/fix`, { type: 'delete-pods', revision: 3, done: ['Deleted.'], next: 'wait' }),
    )
    await user.click(await screen.findByRole('button', { name: /Replace its pods/ }))
    expect(await screen.findByText('Delete Pod shop/web-1.')).toBeInTheDocument()
    await user.click(screen.getByRole('button', { name: 'Do it now' }))
    expect(await screen.findByText('Deleted.')).toBeInTheDocument()
    expect(screen.queryByRole('button', { name: 'Plan the run' })).not.toBeInTheDocument()
  })
})

describe('changes of a graph', () => {
  it('are told by the node or wire that they belong to', () => {
    expect(
      partsOf([
        { path: 'edges[e1]', new: { source: 'a' } },
        { path: 'nodes[web].data.image', old: 1, new: 2 },
        { path: 'nodes[web].data.ports[http].port', old: 1, new: 2 },
        { path: 'namespace', old: 'a', new: 'b' },
      ]),
    ).toEqual([
      { path: 'edges[e1]', nodeId: null, changes: [{ path: 'edges[e1]', new: { source: 'a' } }] },
      {
        path: 'nodes[web]',
        nodeId: 'web',
        changes: [
          { path: 'image', old: 1, new: 2 },
          { path: 'ports[http].port', old: 1, new: 2 },
        ],
      },
      { path: '', nodeId: null, changes: [{ path: 'namespace', old: 'a', new: 'b' }] },
    ])
  })
})
