import { QueryClient } from '@tanstack/react-query'
import { describe, expect, it } from 'vitest'
import { MOST_LINES } from '@/api/merge-run'
import { readLog, readNode, readRun, type LogEntry, type RunDocument } from '@/api/read-run'
import {
  aimOf,
  awaited,
  countsOf,
  elapsedOf,
  hasRemoved,
  intentOf,
  markOnCard,
  summaryOf,
  wayBack,
  wordOf,
} from './describe-run'
import { NOT_FOLLOWING } from './following'
import { createOpenRun, type OpenRun, type RunEvent } from './open-run'
import { isActive, stateOf, type RunState } from './run-state'

const AT = '2026-01-31T12:00:00.000Z'
const LATER = '2026-01-31T12:05:00.000Z'

function run(change: Record<string, unknown> = {}): RunDocument {
  const found = readRun({
    id: 'run-1',
    workflow_id: 'w',
    status: 'queued',
    version: 3,
    triggered_by: { name: 'Ada' },
    created_at: AT,
    ...change,
  })
  if (found === null) throw new Error('not a run')
  return found
}

function line(text: string, at = AT): LogEntry {
  return { at, level: 'info', nodeId: null, text }
}

const NO_RUN: RunState = stateOf(NOT_FOLLOWING, null)

/** The run of an open workflow, once all that has happened. */
function opened(...events: RunEvent[]): OpenRun {
  const run = createOpenRun(new QueryClient(), 'w')
  for (const event of events) run.dispatch(event)
  return run
}

function after(...events: RunEvent[]): RunState {
  return opened(...events).getState()
}

function next(run: OpenRun, event: RunEvent): RunState {
  run.dispatch(event)
  return run.getState()
}

function expectNoChange(run: OpenRun, event: RunEvent): void {
  const before = run.getState()
  expect(next(run, event)).toBe(before)
}

const document = (change: Record<string, unknown> = {}): RunEvent => ({ type: 'document', run: run(change) })
const log = (entry: LogEntry, runId = 'run-1'): RunEvent => ({ type: 'log', runId, entry })
const node = (nodeId: string, state: string, message = '', runId = 'run-1'): RunEvent => ({
  type: 'node',
  runId,
  nodeId,
  node: { state, message, startedAt: AT, finishedAt: null },
})

describe('the way of a run', () => {
  it('goes from the button to its end', () => {
    const stages = [
      after({ type: 'start' }),
      after({ type: 'start' }, document()),
      after(document(), { type: 'phase', runId: 'run-1', phase: 'planning' }),
      after(document(), document({ status: 'completed' })),
      after(document(), document({ status: 'failed' })),
      after(document(), document({ status: 'cancelled' })),
      after(document({ status: 'planned' })),
    ].map((state) => [state.stage, isActive(state)])
    expect(stages).toEqual([
      ['starting', true],
      ['queued', true],
      ['running', true],
      ['completed', false],
      ['failed', false],
      ['cancelled', false],
      ['planned', false],
    ])
  })

  it('does not start twice', () => {
    const running = opened(document())
    expectNoChange(running, { type: 'start' })
  })

  it('says why it did not start', () => {
    const refusal = { code: 'no-cluster', message: 'Choose a cluster.', issues: [] }
    expect(after({ type: 'start' }, { type: 'refused', refusal })).toMatchObject({ stage: 'idle', refusal })
    expect(after(document(), { type: 'refused', refusal })).toMatchObject({ stage: 'queued', refusal })
    expect(after({ type: 'refused', refusal }, { type: 'dismiss' }).refusal).toBeNull()
  })

  it('stays ended when an earlier head or phase comes late', () => {
    const ended = opened(document({ status: 'completed' }))
    expectNoChange(ended, document({ status: 'running' }))
    expectNoChange(ended, { type: 'phase', runId: 'run-1', phase: 'waiting' })
  })

  it('takes a newer run and leaves an older one alone', () => {
    const state = opened(document({ created_at: LATER }), node('web', 'ready'))
    expectNoChange(state, document({ id: 'run-0' }))
    const newer = after(document(), node('web', 'ready'), document({ id: 'run-2', created_at: LATER }))
    expect(newer).toMatchObject({ head: { id: 'run-2' }, nodes: {} })
  })

  it('hears nothing of other runs', () => {
    const state = opened(document())
    for (const event of [
      log(line('x'), 'run-9'),
      node('web', 'ready', '', 'run-9'),
      { type: 'phase', runId: 'run-9', phase: 'waiting' } as const,
    ]) {
      expectNoChange(state, event)
    }
    expectNoChange(opened(), { type: 'phase', runId: 'run-1', phase: 'waiting' })
  })

  it('keeps nodes and log when only the head comes', () => {
    const state = after(document(), node('web', 'waiting'), log(line('a')), document({ status: 'running' }))
    expect(Object.keys(state.nodes)).toEqual(['web'])
    expect(state.logs).toHaveLength(1)
  })
})

describe('cancelling', () => {
  it('waits for the answer, and goes on when it is refused', () => {
    expect(after({ type: 'cancel' }).cancelling).toBe(false)
    const asked = opened(document(), { type: 'cancel' })
    expect(asked.getState().cancelling).toBe(true)
    expect(next(asked, { type: 'cancel-refused' }).cancelling).toBe(false)
    expect(next(asked, document({ status: 'cancelled' })).cancelling).toBe(false)
    expect(after(document({ cancel_requested: true })).cancelling).toBe(true)
  })

  it('closes the bar of an ended run only', () => {
    expect(after(document(), { type: 'dismiss' }).dismissed).toBe(false)
    expect(after(document({ status: 'completed' }), { type: 'dismiss' }).dismissed).toBe(true)
  })
})

describe('the log', () => {
  const stored = [{ at: AT, text: 'a', level: 'info' }]

  it('does not double what the snapshot has, and keeps what is newer', () => {
    const state = after(
      document(),
      log(line('a')),
      log(line('b')),
      document({ logs: stored }),
      log(line('a')),
    )
    expect(state.logs.map((entry) => entry.text)).toEqual(['a', 'b'])
  })

  it('keeps a bounded number of lines', () => {
    const run = opened(
      document({ logs: Array.from({ length: MOST_LINES }, (_, index) => ({ at: AT, text: `${index}` })) }),
    )
    const state = next(run, log(line('last')))
    expect(state.logs).toHaveLength(MOST_LINES)
    expect(state.logs.at(-1)?.text).toBe('last')
  })
})

describe('reading', () => {
  it('takes nothing that is no run, node or line', () => {
    expect([readRun({}), readNode({ state: 'x' }), readLog('text')]).toEqual([null, null, null])
  })

  it('reads everything of a run', () => {
    const found = run({
      status: 'failed',
      phase: 'waiting',
      error: { message: 'No.', code: 'node-failed', node_id: 'web' },
      node_states: { web: { state: 'failed', message: 'No.', started_at: AT, finished_at: LATER } },
      logs: [{ at: AT, level: 'error', node_id: 'web', text: 'No.' }],
    })
    expect(found.head.error).toEqual({ message: 'No.', code: 'node-failed', nodeId: 'web' })
    expect(found.nodes).toEqual({
      web: { state: 'failed', message: 'No.', startedAt: AT, finishedAt: LATER },
    })
    expect(found.logs).toEqual([{ at: AT, level: 'error', nodeId: 'web', text: 'No.' }])
    expect(run({ error: { message: 'No.', code: 'x' } }).head.error?.nodeId).toBeNull()
  })

  it('reads a node and a line', () => {
    expect(readNode({ node_id: 'web', state: 'ready' })).toEqual({
      nodeId: 'web',
      node: { state: 'ready', message: '', startedAt: null, finishedAt: null },
    })
    expect(readLog({ at: AT, text: 'x' })).toEqual({ at: AT, level: 'info', nodeId: null, text: 'x' })
  })
})

describe('what is shown of a run', () => {
  const running = after(
    document({ status: 'running', phase: 'waiting', started_at: AT }),
    node('a', 'ready'),
    node('b', 'unchanged'),
    node('c', 'waiting', '0/1 ready'),
    node('d', 'failed'),
    node('e', 'skipped'),
  )

  it('counts', () => {
    expect(countsOf(running)).toEqual({ done: 2, failed: 1, skipped: 1, total: 5 })
  })

  it('names what is waited for, the longest wait first', () => {
    const state: RunState = {
      ...running,
      nodes: {
        new: { state: 'waiting', message: 'n', startedAt: LATER, finishedAt: null },
        old: { state: 'waiting', message: 'o', startedAt: AT, finishedAt: null },
        unknown: { state: 'waiting', message: 'u', startedAt: null, finishedAt: null },
      },
    }
    expect(awaited(state).map((item) => item.nodeId)).toEqual(['unknown', 'old', 'new'])
    expect(awaited({ ...state, stage: 'completed' })).toEqual([])
  })

  it('marks cards while the run lasts, afterwards those that did not succeed', () => {
    expect(markOnCard(running, 'a')).toBe('ready')
    expect(markOnCard(running, 'nobody')).toBeNull()
    const failed: RunState = { ...running, stage: 'failed' }
    expect(['a', 'd', 'e'].map((id) => markOnCard(failed, id))).toEqual([null, 'failed', 'skipped'])
    expect(markOnCard({ ...running, stage: 'cancelled' }, 'e')).toBeNull()
    expect(markOnCard({ ...failed, dismissed: true }, 'd')).toBeNull()
  })

  it('tells the time it has taken', () => {
    const now = Date.parse(AT) + 34_000
    expect(elapsedOf(running, now)).toBe(34_000)
    expect(elapsedOf(NO_RUN, now)).toBe(0)
    expect(elapsedOf(after(document()), now)).toBe(34_000)
    expect(elapsedOf(after(document({ status: 'completed', duration_seconds: 2.5 })), now)).toBe(2_500)
    expect(elapsedOf(after(document({ status: 'failed', finished_at: LATER })), now)).toBe(300_000)
    expect(elapsedOf(running, Date.parse(AT) - 5_000)).toBe(0)
  })

  it('has a word for each stage', () => {
    expect(wordOf(running)).toBe('waiting')
    expect(wordOf(after(document({ status: 'running' })))).toBe('running')
    expect(wordOf(NO_RUN)).toBe('idle')
    expect(wordOf({ ...NO_RUN, stage: 'running' })).toBe('running')
  })

  it('sums up a plan', () => {
    expect(summaryOf({ create: 1, unchanged: 2, update: 0, dream: 3 })).toBe(
      '1 created, 2 unchanged, 3 dream',
    )
  })

  it('says what a plan would do', () => {
    expect(intentOf({ create: 1, prune: 2, conflict: 1 })).toBe('1 to create, 2 to remove, 1 in conflict')
  })

  it('says nothing on cards for a plan, but what is wrong', () => {
    const plan = after(
      document({ status: 'running', plan_first: true }),
      node('a', 'pending'),
      node('b', 'failed'),
    )
    expect(markOnCard(plan, 'a')).toBeNull()
    expect(markOnCard({ ...plan, stage: 'failed' }, 'b')).toBe('failed')
  })

  it('knows which version undoes a run', () => {
    const head = (change: object) => run({ version: 3, ...change }).head
    expect(wayBack(head({}), 2)).toBe(2)
    expect(wayBack(head({}), null)).toBeNull()
    expect(wayBack(head({}), 3)).toBeNull()
    expect(wayBack(head({ kind: 'rollback' }), 2)).toBeNull()
    expect(wayBack(head({ kind: 'plan', plan_first: true }), 2)).toBeNull()
  })

  it('says what a run is for', () => {
    const aims = ['deploy', 'rollback', 'teardown'].map((kind) => aimOf(run({ kind, version: 2 }).head))
    expect(aims).toEqual(['v2', 'back to v2', 'removal'])
  })
})

describe('a plan', () => {
  const planned = { status: 'planned', kind: 'plan', plan_first: true }
  const confirmed = { status: 'queued', kind: 'deploy', plan_first: true, confirmed_at: LATER }

  it('rests until it is confirmed, and then goes on as the same run', () => {
    const resting = opened(document(planned))
    expectNoChange(resting, { type: 'phase', runId: 'run-1', phase: 'planning' })
    expectNoChange(resting, document({ ...planned, status: 'running' }))
    resting.dispatch(document(confirmed))
    expect(resting.getState().stage).toBe('queued')
    // what was sent while it rested and is heard late
    expectNoChange(resting, document(planned))
    expectNoChange(resting, document({ ...planned, status: 'running' }))
  })

  it('comes after a run that began while it rested', () => {
    const other = document({ id: 'run-2', created_at: '2026-01-31T12:01:00.000Z', status: 'completed' })
    const state = opened(document(planned), other)
    expect(next(state, document(planned)).head?.id).toBe('run-2')
    expect(next(state, document(confirmed))).toMatchObject({ stage: 'queued', head: { id: 'run-1' } })
  })

  it('leaves nothing to be told of when it is thrown away', () => {
    expect(after(document(planned), document({ ...planned, status: 'cancelled' })).dismissed).toBe(true)
    expect(after(document(confirmed), document({ ...confirmed, status: 'cancelled' })).dismissed).toBe(false)
  })
})

describe('a run that waits', () => {
  const active = document({ status: 'running' })
  const waits = (id: string, at = LATER, change: object = {}) =>
    document({ id, created_at: at, waiting: true, ...change })

  it('does not take the place of the active one', () => {
    const state = after(active, waits('run-3', '2026-01-31T12:09:00.000Z'), waits('run-2'), waits('run-2'))
    expect(state.head?.id).toBe('run-1')
    expect(state.waiting.map(({ id }) => id)).toEqual(['run-2', 'run-3'])
  })

  it('takes it once it begins', () => {
    const state = opened(active, waits('run-2'), document({ status: 'completed' }))
    expect(state.getState()).toMatchObject({ stage: 'completed', waiting: [{ id: 'run-2' }] })
    const begun = next(state, waits('run-2', LATER, { waiting: false }))
    expect(begun).toMatchObject({ stage: 'queued', head: { id: 'run-2' }, waiting: [] })
  })

  it('is gone when it is taken from the queue', () => {
    const withdrawn = waits('run-2', LATER, { status: 'cancelled' })
    const state = opened(active, waits('run-2'), withdrawn)
    expect(state.getState()).toMatchObject({ stage: 'running', head: { id: 'run-1' }, waiting: [] })
    // told twice: by the answer and by the stream
    expectNoChange(state, withdrawn)
  })

  it('stays in the queue when another run is started', () => {
    expect(after(waits('run-2'), { type: 'start' }).waiting).toHaveLength(1)
  })
})

it('remembers that the way back was asked for', () => {
  const state = opened(document(), { type: 'cancel', rollback: true })
  expect(state.getState()).toMatchObject({ cancelling: true, goingBack: true })
  expect(next(state, document({ status: 'cancelled' })).goingBack).toBe(true)
  expect(next(state, { type: 'cancel-refused' }).goingBack).toBe(false)
})

it('knows a run that has removed something by its nodes', () => {
  const node = (state: string) => ({ state, message: '', startedAt: null, finishedAt: null })
  expect(hasRemoved(null)).toBe(false)
  expect(hasRemoved({ a: node('ready') })).toBe(false)
  expect(hasRemoved({ a: node('ready'), b: node('pruned') })).toBe(true)
})
