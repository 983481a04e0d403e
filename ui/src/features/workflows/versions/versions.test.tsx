import { act, screen, waitFor, within } from '@testing-library/react'
import { HttpResponse } from 'msw'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Schema } from '@/lib/api/client'
import { resetStream } from '@/lib/stream/stream'
import { page } from '@/testing/factories'
import { expectAccessible, renderApp } from '@/testing/render'
import { on, refusal, server } from '@/testing/server'
import {
  AT,
  LiveServer,
  layOut,
  makePublicWorkflow,
  makeRun,
  servePage,
  WORKFLOW_ID,
} from '../open/live.fixture'

const VERSIONS = `/workflows/${WORKFLOW_ID}/versions`

beforeEach(() => {
  layOut()
  new LiveServer()
})

afterEach(() => {
  act(() => resetStream())
})

function version(number: number, change: Partial<Schema<'VersionItem'>> = {}): Schema<'VersionItem'> {
  return {
    id: `version-${number}`,
    version: number,
    name: '',
    tag: '',
    description: '',
    created_by: { user_id: 'user-1', name: 'Ada' },
    created_at: AT,
    automatic: true,
    restored_from: null,
    run_id: 'run-1',
    ...change,
  }
}

const SAME: Schema<'Comparison'> = {
  nodes: [],
  edges: [],
  moved: [],
  settings: [],
  secrets: [],
  identical: true,
}
const OTHER: Schema<'Comparison'> = {
  nodes: [
    { node_id: 'gone', change: 'removed', type: 'job', name: 'migrate', changes: [] },
    {
      node_id: 'web',
      change: 'changed',
      type: 'deployment',
      name: 'web',
      changes: [{ path: 'data.image', old: 'a/web:0', new: 'a/web:1' }],
    },
  ],
  edges: [
    { edge_id: 'e9', change: 'added', source: 'cfg', target: 'web', changes: [] },
    {
      edge_id: 'e1',
      change: 'changed',
      source: 'svc',
      target: 'web',
      changes: [{ path: 'data.port', old: 80, new: 8080 }],
    },
  ],
  moved: ['svc'],
  settings: [{ path: 'namespace', old: 'shop', new: 'store' }],
  secrets: ['keys'],
  identical: false,
}

/** A page with versions; `compared` answers by the two sides. */
async function open(
  query = '?versions=',
  { versions = [version(2, { name: 'Sale', tag: '1.0' }), version(1)], compared = {} } = {},
) {
  const answers = { '2 saved': SAME, ...compared } as Record<string, Schema<'Comparison'>>
  const state = servePage({ deployed_version: 1, current_version: 2, status: 'published' })
  server.use(
    on('get', VERSIONS, page(versions)),
    on('get', `${VERSIONS}/compare`, (request) => {
      const { searchParams } = new URL(request.url)
      return HttpResponse.json(answers[`${searchParams.get('v1')} ${searchParams.get('v2')}`] ?? OTHER)
    }),
  )
  const app = renderApp(`/workflows/${WORKFLOW_ID}${query}`)
  const sheet = within(await screen.findByRole('region', { name: 'Versions' }, { timeout: 10_000 }))
  return { ...app, sheet, state }
}

async function choose({ sheet, user }: Awaited<ReturnType<typeof open>>, number: number, entry: string) {
  await user.click(await sheet.findByRole('button', { name: `Actions for v${number}` }))
  await user.click(screen.getByRole('menuitem', { name: entry }))
}

describe('the list', () => {
  it('opens from the toolbar and shows every version with its marks', async () => {
    servePage({ current_version: 2, deployed_version: 1 })
    server.use(
      on(
        'get',
        VERSIONS,
        page([version(2, { name: 'Sale', tag: '1.0', description: 'For March' }), version(1)]),
      ),
      on('get', `${VERSIONS}/compare`, SAME),
    )
    const { user, router } = renderApp(`/workflows/${WORKFLOW_ID}`)
    await user.click(await screen.findByRole('button', { name: 'Versions' }, { timeout: 10_000 }))
    const list = within(await screen.findByRole('list', { name: 'Versions' }, { timeout: 10_000 }))
    const [first, second] = list.getAllByRole('listitem')
    for (const words of ['v2', 'Sale', '1.0', 'Newest', 'For March', 'Ada'])
      expect(first).toHaveTextContent(words)
    expect(second).toHaveTextContent('made by a run')
    expect(second).toHaveTextContent('Deployed')
    expect(await screen.findByText('What is saved is v2.')).toBeVisible()
    await expectAccessible()
    await user.keyboard('{Escape}')
    await waitFor(() => expect(router.state.location.search).toBe(''))
  })

  it('says what is saved beyond the newest version', async () => {
    const { sheet, user } = await open('?versions=', { compared: { '2 saved': OTHER } })
    expect(await sheet.findByText(/What is saved is no version yet/)).toHaveTextContent(
      '1 wire added, 1 node changed, 1 wire changed, 1 node removed since v2.',
    )
    await user.click(sheet.getByRole('button', { name: 'Compare' }))
    expect(await sheet.findByRole('region', { name: 'Differences' })).toBeVisible()
  })

  it('is empty before the first run', async () => {
    const { sheet } = await open('?versions=', { versions: [] })
    expect(await sheet.findByRole('heading', { name: 'No versions yet' })).toBeVisible()
    await expectAccessible()
  })

  it('that cannot be loaded says why', async () => {
    servePage()
    server.use(on('get', VERSIONS, () => refusal(503, 'storage-unavailable', 'Try again in a moment.')))
    renderApp(`/workflows/${WORKFLOW_ID}?versions=`)
    expect(await screen.findByText('Try again in a moment.', {}, { timeout: 10_000 })).toBeVisible()
  })
})

describe('keeping and naming', () => {
  it('keeps what is saved; a tag that is taken is said at its field', async () => {
    const { sheet, user } = await open()
    await user.click(sheet.getByRole('button', { name: 'Keep a version' }))
    const dialog = within(await screen.findByRole('dialog', { name: 'Keep a version' }))
    await user.type(dialog.getByRole('textbox', { name: /^Name/ }), 'Before March')
    await user.type(dialog.getByRole('textbox', { name: /^Tag/ }), 'not a tag')
    await user.click(dialog.getByRole('button', { name: 'Keep version' }))
    expect(await dialog.findByText(/Letters, digits, dots/)).toBeVisible()
    await user.clear(dialog.getByRole('textbox', { name: /^Tag/ }))
    await user.type(dialog.getByRole('textbox', { name: /^Tag/ }), '1.0')
    const bodies: unknown[] = []
    server.use(
      on('post', VERSIONS, async (request) => {
        bodies.push(await request.json())
        return bodies.length === 1
          ? refusal(409, 'tag-taken', 'Another version has the tag 1.0.')
          : HttpResponse.json(version(3), { status: 201 })
      }),
    )
    await user.click(dialog.getByRole('button', { name: 'Keep version' }))
    expect(await dialog.findByText('Another version has the tag 1.0.')).toBeVisible()
    await expectAccessible()
    await user.clear(dialog.getByRole('textbox', { name: /^Tag/ }))
    await user.click(dialog.getByRole('button', { name: 'Keep version' }))
    expect(await screen.findByText('Kept as v3.')).toBeVisible()
    expect(bodies[1]).toEqual({ name: 'Before March', tag: '', description: '' })
  })

  it('names one that is there', async () => {
    const opened = await open()
    await choose(opened, 2, 'Name and tag…')
    const dialog = within(await screen.findByRole('dialog', { name: 'Version 2' }))
    const name = dialog.getByRole('textbox', { name: /^Name/ })
    expect(name).toHaveValue('Sale')
    await opened.user.clear(name)
    server.use(on('put', `${VERSIONS}/2`, version(2)))
    await opened.user.click(dialog.getByRole('button', { name: 'Save' }))
    expect(await screen.findByText('v2 is named.')).toBeVisible()
  })
})

describe('deleting', () => {
  it('is refused while it is deployed, and says so', async () => {
    const opened = await open()
    await choose(opened, 1, 'Delete…')
    const dialog = within(await screen.findByRole('alertdialog', { name: 'Delete v1?' }))
    server.use(
      on('delete', `${VERSIONS}/1`, () =>
        refusal(409, 'version-deployed', 'This version runs on the cluster.'),
      ),
    )
    await opened.user.click(dialog.getByRole('button', { name: 'Delete version' }))
    expect(await dialog.findByText('This version runs on the cluster.')).toBeVisible()
    await expectAccessible()
    server.use(on('delete', `${VERSIONS}/1`, () => new HttpResponse(null, { status: 204 })))
    await opened.user.click(dialog.getByRole('button', { name: 'Delete version' }))
    expect(await screen.findByText('v1 is deleted.')).toBeVisible()
  })
})

describe('restoring', () => {
  it('keeps what is saved first, and says when somebody was faster', async () => {
    const opened = await open('?versions=', { compared: { '2 saved': OTHER } })
    await choose(opened, 1, 'Restore onto the canvas…')
    const dialog = within(await screen.findByRole('dialog', { name: 'Restore v1 onto the canvas?' }))
    expect(await dialog.findByRole('checkbox', { name: /^Keep what is saved now/ })).toBeChecked()
    expect(await dialog.findByText(/^On the canvas: /)).toBeVisible()
    // the menu's button has lost the focus to the dialog
    await waitFor(() => expect(screen.queryByRole('tooltip', { hidden: true })).not.toBeInTheDocument())
    await expectAccessible()
    const asked: string[] = []
    server.use(
      on('post', VERSIONS, () => {
        asked.push('keep')
        return HttpResponse.json(version(3), { status: 201 })
      }),
      on('post', `${VERSIONS}/1/restore`, (request) => {
        asked.push(request.headers.get('If-Match') ?? '')
        return asked.length < 4
          ? refusal(409, 'revision-conflict', 'Revision 4 was saved.')
          : HttpResponse.json(makePublicWorkflow({ revision: 5 }))
      }),
    )
    opened.state.workflow = { ...opened.state.workflow, revision: 4 }
    await opened.user.click(dialog.getByRole('button', { name: 'Restore v1' }))
    expect(await dialog.findByText(/Somebody has saved meanwhile/)).toBeVisible()
    await waitFor(() => expect(asked).toEqual(['keep', '"3"']))
    await opened.user.click(dialog.getByRole('button', { name: 'Restore v1' }))
    expect(await screen.findByText(/v1 is on the canvas/)).toBeVisible()
    expect(asked).toEqual(['keep', '"3"', 'keep', '"4"'])
  })

  it('keeps nothing that is a version already', async () => {
    const opened = await open()
    await choose(opened, 1, 'Restore onto the canvas…')
    const dialog = within(await screen.findByRole('dialog', { name: 'Restore v1 onto the canvas?' }))
    await dialog.findByText(/^On the canvas: /)
    expect(dialog.queryByRole('checkbox')).not.toBeInTheDocument()
    server.use(on('post', `${VERSIONS}/1/restore`, makePublicWorkflow({ revision: 4 })))
    await opened.user.click(dialog.getByRole('button', { name: 'Restore v1' }))
    expect(await screen.findByText(/v1 is on the canvas/)).toBeVisible()
  })
})

describe('the way back', () => {
  it('is a plan of its own', async () => {
    const opened = await open()
    const run = makeRun({
      id: 'run-5',
      kind: 'rollback',
      status: 'planned',
      plan_first: true,
      plan_digest: 'd',
      plan_expires_at: new Date(Date.now() + 60_000).toISOString(),
      version: 2,
    })
    const bodies: unknown[] = []
    server.use(
      on('post', `${VERSIONS}/2/rollback`, async (request) => {
        bodies.push(await request.json())
        return HttpResponse.json(run, { status: 202 })
      }),
      on('get', '/runs/run-5', run),
      on('get', '/runs/run-5/plan', page([])),
    )
    await choose(opened, 2, 'Plan the way back to it')
    expect(await screen.findByRole('region', { name: 'Plan of the way back to v2' })).toBeVisible()
    expect(await screen.findByText(/no object that this run would look at|Choose an object/)).toBeVisible()
    expect(bodies).toEqual([expect.objectContaining({ plan_first: true })])
    expect(screen.queryByRole('region', { name: 'Versions' })).not.toBeInTheDocument()
  })
})

describe('comparing', () => {
  it('shows fields, wires, settings and secrets, and marks the cards', async () => {
    const { sheet, user } = await open('?versions=&from=1&to=saved')
    expect(await sheet.findByLabelText('Changes of web')).toHaveTextContent('image')
    expect(sheet.getByText(/1 node only stands elsewhere/)).toBeVisible()
    expect(sheet.getByLabelText('Settings')).toHaveTextContent('after: store')
    expect(sheet.getByText(/secrets has other values/)).toBeVisible()
    expect(sheet.getByText(/settings → web/)).toBeVisible()
    expect(sheet.getByText('migrate', { exact: false })).toBeVisible()
    await waitFor(() =>
      expect(document.querySelector('[data-card="web"] [data-glyph]')).toHaveTextContent('Changed'),
    )
    await expectAccessible()
    await user.click(sheet.getByRole('button', { name: 'All versions' }))
    expect(await sheet.findByRole('list', { name: 'Versions' })).toBeVisible()
    await waitFor(() => expect(document.querySelector('[data-card="web"] [data-glyph]')).toBeNull())
  })

  it('takes any two sides, also the other way round', async () => {
    const { sheet, user, router } = await open('?versions=&from=1&to=saved', {
      compared: { 'deployed 2': SAME },
    })
    await sheet.findByRole('region', { name: 'Differences' })
    expect(await sheet.findAllByRole('option', { name: 'v2 · 1.0 · Sale' })).toHaveLength(2)
    await user.selectOptions(sheet.getByRole('combobox', { name: 'To' }), '2')
    await user.selectOptions(sheet.getByRole('combobox', { name: 'From' }), 'deployed')
    expect(await sheet.findByRole('heading', { name: 'No difference' })).toBeVisible()
    await user.click(sheet.getByRole('button', { name: 'The other way round' }))
    await waitFor(() => expect(router.state.location.search).toContain('from=2&to=deployed'))
  })
})
