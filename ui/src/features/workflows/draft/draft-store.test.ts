import { describe, expect, it } from 'vitest'
import { starterGraph } from '../graph/catalogue.fixture'
import { moved } from '../graph/edits'
import { createDraft, isClean, type Draft } from './draft-store'

const move = (x: number) => moved(new Map([['web', { x, y: 0 }]]))

function begun(): Draft {
  return createDraft({ revision: 3, graph: starterGraph() })
}

function drawnX(draft: Draft): number | undefined {
  return draft.getState().history.present.nodes.find((node) => node.id === 'web')?.position.x
}

describe('whether it is saved', () => {
  it('is, until something is changed, and again once that is undone or made good', () => {
    const draft = begun()
    expect(isClean(draft.getState())).toBe(true)
    draft.edit('Move', move(8))
    expect(isClean(draft.getState())).toBe(false)
    draft.undo()
    expect(isClean(draft.getState())).toBe(true)
    draft.redo()
    draft.edit('Move', moved(new Map([['web', { x: 440, y: 160 }]])))
    expect(isClean(draft.getState())).toBe(true)
  })

  it('keeps what was done while it was being saved as unsaved', () => {
    const draft = begun()
    draft.edit('Move', move(8))
    const sent = draft.getState().history.present
    draft.edit('Move', move(16))
    draft.saved({ revision: 4, graph: sent })
    expect(isClean(draft.getState())).toBe(false)
    draft.undo()
    expect(isClean(draft.getState())).toBe(true)
  })
})

describe('what others save', () => {
  const theirs = { revision: 4, graph: move(99)(starterGraph()) }

  it('is drawn at once while nothing is unsaved, and can be undone', () => {
    const draft = begun()
    draft.hear(theirs)
    expect(drawnX(draft)).toBe(99)
    expect(isClean(draft.getState())).toBe(true)
    draft.undo()
    expect(drawnX(draft)).toBe(440)
    expect(isClean(draft.getState())).toBe(false)
  })

  it('never takes an edit away', () => {
    const draft = begun()
    draft.edit('Move', move(8))
    draft.hear(theirs)
    expect(drawnX(draft)).toBe(8)
    expect(draft.getState()).toMatchObject({ base: { revision: 3 }, behind: theirs })
  })

  it('is no matter when it is what editing began with', () => {
    const draft = begun()
    draft.edit('Move', move(8))
    draft.hear({ revision: 4, graph: starterGraph() })
    expect(draft.getState()).toMatchObject({ behind: null, base: { revision: 4 } })
    expect(drawnX(draft)).toBe(8)
    expect(isClean(draft.getState())).toBe(false)
  })

  it('is no matter when it is what is drawn, or was heard before', () => {
    const draft = begun()
    draft.edit('Move', move(99))
    draft.hear(theirs)
    expect(draft.getState()).toMatchObject({ behind: null, base: { revision: 4 } })
    expect(isClean(draft.getState())).toBe(true)
    draft.hear({ revision: 3, graph: starterGraph() })
    expect(drawnX(draft)).toBe(99)
  })
})

it('makes one step of an edit that goes on, and of another graph that is taken up', () => {
  const draft = begun()
  draft.edit('Move', move(8), 'drag')
  draft.edit('Move', move(16), 'drag')
  draft.settle()
  draft.edit('Move', move(24), 'drag')
  draft.takeUp('Keep both', { revision: 7, graph: starterGraph() }, move(50)(starterGraph()))
  expect(drawnX(draft)).toBe(50)
  expect(draft.getState().history.past.map(({ label }) => label)).toEqual(['Move', 'Move', 'Keep both'])
  for (const x of [24, 16, 440]) {
    draft.undo()
    expect(drawnX(draft)).toBe(x)
  }
})
