import { describe, expect, it } from 'vitest'
import { readConnected, readUpdate } from './read'
import { SeenIds, TopicChanges } from './topics'

describe('changes of topics', () => {
  it('take back what was not sent yet', () => {
    const changes = new TopicChanges()
    changes.add('run:1')
    changes.remove('run:1')
    expect(changes.isEmpty).toBe(true)
    changes.remove('run:2')
    expect(changes.take()).toEqual({ add: [], remove: ['run:2'] })
    expect(changes.isEmpty).toBe(true)
  })

  it('leave a topic for good that was to be begun anew', () => {
    const changes = new TopicChanges()
    changes.refresh('run:1')
    changes.remove('run:1')
    expect(changes.take()).toEqual({ add: [], remove: ['run:1'] })
  })
})

it('takes an id again once it is forgotten', () => {
  const seen = new SeenIds()
  expect([seen.add('1'), seen.add('1')]).toEqual([true, false])
  seen.clear()
  expect(seen.add('1')).toBe(true)
})

describe('reading', () => {
  it('takes only objects for updates', () => {
    expect(readUpdate('log', '{"topic":"run:1","id":"1-0","at":"now","data":{}}')).toEqual({
      event: 'log',
      topic: 'run:1',
      id: '1-0',
      at: 'now',
      data: {},
    })
    expect([readUpdate('log', '[]'), readUpdate('log', '{')]).toEqual([null, null])
    expect(readUpdate('log', '{}')).toMatchObject({ topic: '', id: '' })
  })

  it('bears a greeting that says little', () => {
    expect(readConnected('odd')).toEqual({ connectionId: '', topics: [], refused: [] })
    expect(
      readConnected({ connection_id: 'c', topics: ['a', 3], refused: [{ topic: 'b', code: 'x' }, 4] }),
    ).toEqual({
      connectionId: 'c',
      topics: ['a'],
      refused: [{ topic: 'b', code: 'x' }],
    })
  })
})
