import { describe, expect, it } from 'vitest'
import { readStatus, readStatuses, staleSinceOf, stateOf, sumOf, type NodeStatus } from './status'
import { createStatusStore, put, replaceAll } from './status-store'

const AT = '2026-01-31T12:00:00.000Z'

function status(nodeId: string, change: Record<string, unknown> = {}): NodeStatus {
  const found = readStatus({ node_id: nodeId, state: 'healthy', observed_at: AT, ...change })
  if (found === null) throw new Error('not a status')
  return found
}

describe('reading', () => {
  it('takes what is there and leaves out what is none', () => {
    expect(readStatuses([{ node_id: 'a', state: 'healthy', observed_at: AT }, {}, null])).toHaveLength(1)
    expect(readStatuses('none')).toEqual([])
  })

  it('reads everything', () => {
    const found = status('a', {
      ready: 1,
      desired: 2,
      address: '10.0.0.1:80',
      stale_since: AT,
      objects: [
        { api_version: 'v1', kind: 'Service', namespace: 'shop', name: 'web', uid: 'u' },
        { api_version: 'v1', kind: 'Namespace', name: 'shop' },
      ],
    })
    expect(found).toMatchObject({ ready: 1, desired: 2, address: '10.0.0.1:80', staleSince: AT })
    expect(found.objects.map((item) => [item.namespace, item.isThere])).toEqual([
      ['shop', true],
      [null, false],
    ])
  })
})

describe('what is not known to be true', () => {
  it('is stale since its watch is down, or since nothing is heard', () => {
    expect(staleSinceOf(undefined, AT)).toBeNull()
    expect(staleSinceOf(status('a'), null)).toBeNull()
    expect(staleSinceOf(status('a'), AT)).toBe(AT)
    expect(staleSinceOf(status('a', { stale_since: 'earlier' }), AT)).toBe('earlier')
  })

  it('counts as stale, and what was never seen as not deployed', () => {
    const statuses = { a: status('a'), b: status('b', { state: 'degraded', stale_since: AT }) }
    expect(sumOf(['a', 'b', 'c', 'd'], statuses, null)).toEqual({ healthy: 1, stale: 1, not_deployed: 2 })
    expect(stateOf(statuses.a, null)).toBe('healthy')
  })
})

describe('the store', () => {
  it('replaces all, then takes one', () => {
    const store = createStatusStore()
    expect(store.getState().loaded).toBe(false)
    put(store, status('gone'))
    replaceAll(store, [status('a'), status('b')])
    const before = store.getState().statuses.b
    put(store, status('a', { state: 'error' }))
    const { statuses, loaded } = store.getState()
    expect([loaded, Object.keys(statuses), statuses.a?.state]).toEqual([true, ['a', 'b'], 'error'])
    expect(statuses.b).toBe(before)
  })
})
