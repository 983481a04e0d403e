import { IDBFactory } from 'fake-indexeddb'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { starterGraph } from '../graph/catalogue.fixture'
import { moved } from '../graph/edits'
import { createDraft, isClean, type Draft } from './draft-store'
import { createKeeper, type Keeper } from './keeper'
import { openShelf, type Shelf } from './kept-drafts'

const move = (x: number) => moved(new Map([['web', { x, y: 0 }]]))
const stops: (() => void)[] = []

beforeEach(() => {
  vi.stubGlobal('indexedDB', new IDBFactory())
})
afterEach(() => {
  for (const stop of stops.splice(0)) stop()
})

interface Page {
  draft: Draft
  keeper: Keeper
  close: () => void
}

/** A page that has a workflow open. */
function page({ user = 'ada', workflow = 'w', open = openShelf } = {}): Page {
  const draft = createDraft({ revision: 3, graph: starterGraph() })
  const keeper = createKeeper({ workflowId: workflow, userId: () => user, draft, open })
  const close = keeper.start()
  stops.push(close)
  return { draft, keeper, close }
}

async function kept(user = 'ada', workflow = 'w') {
  return (await openShelf()).of(user, workflow)
}

function drawnX(graph: { nodes: { id: string; position: { x: number } }[] } | undefined) {
  return graph?.nodes.find(({ id }) => id === 'web')?.position.x
}

/** A page that was closed with an edit that is not saved. */
async function leaveWith(x: number, on: Parameters<typeof page>[0] = {}) {
  const before = (await kept(on.user, on.workflow)).length
  const { draft, close } = page(on)
  draft.edit('Move', move(x))
  await vi.waitFor(async () => expect(await kept(on.user, on.workflow)).toHaveLength(before + 1))
  close()
}

describe('what is drawn', () => {
  it('is kept with what it began with, until it is saved', async () => {
    const { draft } = page()
    draft.edit('Move', move(8))
    await vi.waitFor(async () => expect(await kept()).toHaveLength(1))
    const [found] = await kept()
    expect(found).toMatchObject({
      userId: 'ada',
      workflowId: 'w',
      base: { revision: 3, graph: starterGraph() },
    })
    expect(drawnX(found?.graph)).toBe(8)
    draft.saved({ revision: 4, graph: draft.getState().history.present })
    await vi.waitFor(async () => expect(await kept()).toEqual([]))
  })

  it('is forgotten when it is undone', async () => {
    const { draft } = page()
    draft.edit('Move', move(8))
    await vi.waitFor(async () => expect(await kept()).toHaveLength(1))
    draft.undo()
    await vi.waitFor(async () => expect(await kept()).toEqual([]))
  })

  it('is written at once, and what is drawn meanwhile in one go', async () => {
    const written: (number | undefined)[] = []
    const ends: (() => void)[] = []
    const slow = async (): Promise<Shelf> => ({
      ...(await openShelf()),
      put: ({ graph }) => {
        written.push(drawnX(graph))
        return new Promise((resolve) => ends.push(resolve))
      },
    })
    const { draft } = page({ open: slow })
    draft.edit('Move', move(1))
    await vi.waitFor(() => expect(written).toEqual([1]))
    for (const x of [2, 3, 4]) draft.edit('Move', move(x))
    expect(written).toEqual([1])
    ends[0]?.()
    await vi.waitFor(() => expect(written).toEqual([1, 4]))
    ends[1]?.()
    await vi.waitFor(() => expect(ends).toHaveLength(2))
    draft.edit('Move', move(5))
    await vi.waitFor(() => expect(written).toEqual([1, 4, 5]))
    draft.edit('Move', move(6))
    ends[2]?.()
    await vi.waitFor(() => expect(written).toEqual([1, 4, 5, 6]))
  })

  it('is begun to be written in the task of the edit', async () => {
    const put = vi.fn(() => Promise.resolve())
    const { draft } = page({ open: async () => ({ ...(await openShelf()), put }) })
    let x = 0
    await vi.waitFor(() => {
      put.mockClear()
      x += 8
      draft.edit('Move', move(x))
      expect(put).toHaveBeenCalledTimes(1)
    })
  })

  it('is said not to be kept when the browser keeps nothing, and to be kept again once it does', async () => {
    let full = true
    const { draft, keeper } = page({
      open: async () => ({
        ...(await openShelf()),
        put: () => (full ? Promise.reject(new Error('no room')) : Promise.resolve()),
      }),
    })
    draft.edit('Move', move(8))
    await vi.waitFor(() => expect(keeper.getState().failing).toBe(true))
    full = false
    draft.edit('Move', move(9))
    await vi.waitFor(() => expect(keeper.getState().failing).toBe(false))
    const nowhere = page({ open: () => Promise.reject(new Error('a private window')) })
    await Promise.resolve()
    nowhere.draft.edit('Move', move(8))
    await vi.waitFor(() => expect(nowhere.keeper.getState().failing).toBe(true))
  })
})

describe('when the workflow is opened again', () => {
  it('what was kept is offered, drawn as one step, and kept on', async () => {
    await leaveWith(8)
    const { draft, keeper } = page()
    await vi.waitFor(() => expect(keeper.getState().offered).toHaveLength(1))
    const [offer] = keeper.getState().offered
    if (offer === undefined) throw new Error('nothing is offered')
    keeper.takeUp(offer)
    expect(drawnX(draft.getState().history.present)).toBe(8)
    expect(isClean(draft.getState())).toBe(false)
    expect(keeper.getState().offered).toEqual([])
    await vi.waitFor(async () => {
      const left = await kept()
      expect(left.map(({ id, graph }) => [id === offer.id, drawnX(graph)])).toEqual([[false, 8]])
    })
    draft.undo()
    expect(isClean(draft.getState())).toBe(true)
  })

  it('what was kept is behind what others have saved since', async () => {
    await leaveWith(8)
    const draft = createDraft({ revision: 5, graph: move(99)(starterGraph()) })
    const keeper = createKeeper({ workflowId: 'w', userId: () => 'ada', draft })
    stops.push(keeper.start())
    await vi.waitFor(() => expect(keeper.getState().offered).toHaveLength(1))
    keeper.getState().offered.forEach(keeper.takeUp)
    expect(draft.getState()).toMatchObject({ base: { revision: 3 }, behind: { revision: 5 } })
  })

  it('what is thrown away is gone', async () => {
    await leaveWith(8)
    const { keeper } = page()
    await vi.waitFor(() => expect(keeper.getState().offered).toHaveLength(1))
    keeper.getState().offered.forEach(keeper.throwAway)
    expect(keeper.getState().offered).toEqual([])
    await vi.waitFor(async () => expect(await kept()).toEqual([]))
  })

  it('what is saved by now is not offered', async () => {
    await leaveWith(440)
    await leaveWith(8)
    const draft = createDraft({ revision: 4, graph: move(8)(starterGraph()) })
    const keeper = createKeeper({ workflowId: 'w', userId: () => 'ada', draft })
    stops.push(keeper.start())
    await vi.waitFor(() => expect(keeper.getState().offered.map(({ graph }) => drawnX(graph))).toEqual([440]))
    await vi.waitFor(async () => expect(await kept()).toHaveLength(1))
  })

  it('what others drew, or was drawn elsewhere, is not offered', async () => {
    await leaveWith(8, { user: 'eve' })
    await leaveWith(8, { workflow: 'other' })
    const { draft, keeper } = page()
    draft.edit('Move', move(9))
    await vi.waitFor(async () => expect(await kept()).toHaveLength(1))
    expect(keeper.getState().offered).toEqual([])
  })

  it('what another tab is drawing just now is not offered', async () => {
    const held = new Set<string>()
    const request = (name: string, work: () => Promise<void>) => {
      held.add(name)
      return work().finally(() => held.delete(name))
    }
    const query = () => Promise.resolve({ held: [...held].map((name) => ({ name })) })
    vi.stubGlobal('navigator', { locks: { request, query } })
    const { draft, close } = page()
    draft.edit('Move', move(8))
    await vi.waitFor(async () => expect(await kept()).toHaveLength(1))
    const beside = page()
    beside.draft.edit('Move', move(9))
    await vi.waitFor(async () => expect(await kept()).toHaveLength(2))
    expect(beside.keeper.getState().offered).toEqual([])
    close()
    beside.close()
    await vi.waitFor(() => expect(held.size).toBe(0))
    const later = page()
    await vi.waitFor(() => expect(later.keeper.getState().offered).toHaveLength(2))
  })

  it('what cannot be read is left alone', async () => {
    const broken = { id: 'x', userId: 'ada', workflowId: 'w', at: '', base: { revision: 1 } }
    // @ts-expect-error as an older version of this page may have left it
    await (await openShelf()).put(broken)
    expect(await kept()).toEqual([])
  })
})

it('sets what is drawn aside as a draft of its own', async () => {
  const { draft, keeper } = page()
  await keeper.setAside()
  expect(keeper.getState().offered).toEqual([])
  draft.edit('Move', move(8))
  await keeper.setAside()
  draft.undo()
  await vi.waitFor(async () => expect(await kept()).toEqual([...keeper.getState().offered]))
  expect(drawnX(keeper.getState().offered[0]?.graph)).toBe(8)
})

it('keeps what was drawn when somebody is signed out', async () => {
  let user: string | null = 'ada'
  const draft = createDraft({ revision: 3, graph: starterGraph() })
  const keeper = createKeeper({ workflowId: 'w', userId: () => user, draft })
  stops.push(keeper.start())
  draft.edit('Move', move(8))
  await vi.waitFor(async () => expect(await kept()).toHaveLength(1))
  user = null
  draft.undo()
  draft.edit('Move', move(9))
  expect(drawnX((await kept())[0]?.graph)).toBe(8)
})
