import { describe, expect, it } from 'vitest'
import { staleSinceOf, stateOf, sumOf } from './status'
import { readStatus, readStatuses, type NodeStatus } from '@/api/read-status'
import { QueryClient } from '@tanstack/react-query'
import { hearStatus, hearStatuses, statusQuery } from '@/api/workflows'

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

describe('statuses in the cache', () => {
  it('are replaced all at once, then one by one', () => {
    const client = new QueryClient()
    const known = () => client.getQueryData(statusQuery('w').queryKey)
    hearStatus(client, 'w', status('early'))
    expect(known()).toBeUndefined()
    hearStatuses(client, 'w', [status('gone')])
    hearStatuses(client, 'w', [status('a'), status('b')])
    const before = known()?.b
    hearStatus(client, 'w', status('a', { state: 'error' }))
    expect(Object.keys(known() ?? {})).toEqual(['a', 'b'])
    expect(known()?.a?.state).toBe('error')
    expect(known()?.b).toBe(before)
  })

  it('stay the same where a snapshot says the same', () => {
    const client = new QueryClient()
    const known = () => client.getQueryData(statusQuery('w').queryKey)
    hearStatuses(client, 'w', [status('a'), status('b')])
    const before = known()
    hearStatuses(client, 'w', [status('a'), status('b', { state: 'error' })])
    expect(known()?.a).toBe(before?.a)
    expect(known()?.b).not.toBe(before?.b)
  })
})
