import { expect, it } from 'vitest'
import { headEventOf, runEventOf } from './updates'

const AT = '2026-01-31T12:00:00.000Z'
const RUN = { id: 'r', workflow_id: 'w', status: 'running', version: 1, created_at: AT }

function event(name: string, data: unknown) {
  return runEventOf('r', { topic: 'run:r', event: name, id: '1-0', at: AT, data })
}

it.each([
  ['phase', { phase: 'applying' }, 'phase'],
  ['node_state', { node_id: 'web', state: 'ready' }, 'node'],
  ['log', { at: AT, text: 'x' }, 'log'],
  ['metadata', { run: RUN }, 'document'],
  ['complete', { run: RUN }, 'document'],
  ['failed', { run: RUN }, 'document'],
  ['cancelled', { run: RUN }, 'document'],
])('%s says something', (name, data, type) => {
  expect(event(name, data)?.type).toBe(type)
})

it.each(['phase', 'node_state', 'log', 'metadata', 'of-tomorrow'])(
  '%s with nonsense says nothing',
  (name) => {
    expect(event(name, 'nonsense')).toBeNull()
    expect(event(name, { phase: 3, run: {} })).toBeNull()
  },
)

it('reads a run only where there is one', () => {
  expect(headEventOf(null)).toBeNull()
})
