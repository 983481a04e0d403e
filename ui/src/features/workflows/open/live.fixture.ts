import { configure } from '@testing-library/react'
import { http, HttpResponse } from 'msw'
import { vi } from 'vitest'
import type { Schema } from '@/lib/api/client'
import { makeCluster } from '@/testing/factories'
import { on, server } from '@/testing/server'
import { sharedFixture } from '@/testing/shared-fixture'

export const AT = '2026-01-31T12:00:00.000Z'
export const WORKFLOW_ID = 'workflow-1'
export const RUN_ID = 'run-1'

/** A service in front of a deployment that reads a config map and a secret. */
export function makeGraph(): Pick<Schema<'PublicWorkflow'>, 'nodes' | 'edges'> {
  return {
    nodes: [
      {
        id: 'svc',
        type: 'service',
        position: { x: 0, y: 0 },
        data: { name: 'front', ports: [{ port: 80 }] },
      },
      {
        id: 'web',
        type: 'deployment',
        position: { x: 400, y: 0 },
        data: { name: 'web', image: 'a/web:1', replicas: 2 },
      },
      {
        id: 'cfg',
        type: 'configmap',
        position: { x: 0, y: 300 },
        data: { name: 'settings', data: { MODE: 'x' } },
      },
      {
        id: 'keys',
        type: 'secret',
        position: { x: 400, y: 300 },
        data: { name: 'secrets', keys: ['TOKEN'] },
      },
    ],
    edges: [
      { id: 'e1', source: 'svc', target: 'web', data: { rule: 'service-selects' } },
      { id: 'e2', source: 'cfg', target: 'web', data: { rule: 'config-env' } },
      { id: 'e3', source: 'keys', target: 'web', data: { rule: 'secret-env' } },
    ],
  }
}

export function makePublicWorkflow(change: Partial<Schema<'PublicWorkflow'>> = {}): Schema<'PublicWorkflow'> {
  return {
    id: WORKFLOW_ID,
    name: 'Shop',
    description: '',
    cluster_id: 'cluster-1',
    namespace: 'shop',
    status: 'draft',
    tags: [],
    revision: 3,
    current_version: 0,
    deployed_version: null,
    owner_id: 'user-1',
    run_count: 0,
    success_count: 0,
    failure_count: 0,
    last_run: null,
    active_run_id: null,
    created_at: AT,
    updated_at: AT,
    ...makeGraph(),
    ...change,
  }
}

export function makeStatus(nodeId: string, change: object = {}) {
  return {
    workflow_id: WORKFLOW_ID,
    node_id: nodeId,
    cluster_id: 'cluster-1',
    type: 'deployment',
    state: 'healthy',
    observed_at: AT,
    objects: [],
    details: {},
    ...change,
  }
}

export function makeRun(change: object = {}) {
  return {
    id: RUN_ID,
    workflow_id: WORKFLOW_ID,
    cluster_id: 'cluster-1',
    namespace: 'shop',
    status: 'queued',
    version: 1,
    node_states: {},
    triggered_by: { kind: 'user', name: 'Ada' },
    created_at: AT,
    logs: [],
    ...change,
  }
}

/** The stream of a test's page: what the server says, when it says it. */
export class LiveServer {
  private readonly opened: ReadableStreamDefaultController<Uint8Array>[] = []
  readonly asked: string[] = []
  private count = 0

  constructor() {
    server.use(
      http.get('*/v1/api/stream', ({ request }) => {
        const topics = new URL(request.url).searchParams.get('topics') ?? ''
        this.asked.push(topics)
        const body = new ReadableStream<Uint8Array>({
          start: (controller) => {
            this.opened.push(controller)
            this.write(
              `event: connected\ndata: ${JSON.stringify({ topic: '', id: '', at: AT, data: { connection_id: 'c1', topics: topics.split(','), refused: [] } })}\n\n`,
            )
          },
        })
        return new HttpResponse(body, { headers: { 'Content-Type': 'text/event-stream' } })
      }),
      http.patch('*/v1/api/stream/c1', async ({ request }) => {
        this.asked.push(JSON.stringify(await request.json()))
        return new HttpResponse(null, { status: 202 })
      }),
    )
  }

  private write(text: string) {
    this.opened.at(-1)?.enqueue(new TextEncoder().encode(text))
  }

  send(topic: string, event: string, data: unknown) {
    this.count += 1
    const id = `${this.count}-0`
    this.write(`id: ${id}\nevent: ${event}\ndata: ${JSON.stringify({ topic, id, at: AT, data })}\n\n`)
  }

  workflow(event: string, data: unknown) {
    this.send(`workflow:${WORKFLOW_ID}`, event, data)
  }

  run(event: string, data: unknown) {
    this.send(`run:${RUN_ID}`, event, data)
  }
}

/** Everything the page asks for; `workflow` is read at each request. */
export function servePage(
  change: Partial<Schema<'PublicWorkflow'>> = {},
  statuses: object[] = [],
  issues: object[] = [],
) {
  const state = { workflow: makePublicWorkflow(change), statuses, issues }
  server.use(
    on('get', `/workflows/${WORKFLOW_ID}`, () => HttpResponse.json(state.workflow)),
    on('get', `/workflows/${WORKFLOW_ID}/status`, () =>
      HttpResponse.json({ items: state.statuses, total: state.statuses.length, next_cursor: null }),
    ),
    on('post', `/workflows/${WORKFLOW_ID}/validate`, () => HttpResponse.json({ issues: state.issues })),
    on('get', `/workflows/${WORKFLOW_ID}/runs`, { items: [], total: 0, next_cursor: null }),
    on('get', '/node-types', sharedFixture('node-types.json')),
    on('get', '/clusters/cluster-1', { ...makeCluster({ name: 'staging' }) }),
    on('get', '/clusters/cluster-1/options/:source', {
      items: [],
      total: 0,
      next_cursor: null,
      reason: null,
    }),
    on('get', `/workflows/${WORKFLOW_ID}/secrets/keys`, {
      node_id: 'keys',
      keys: [{ key: 'TOKEN', set: false }],
    }),
  )
  return state
}

/** Sizes and shapes that jsdom does not know and React Flow asks for. */
export function layOut() {
  // a page of this size takes its time on a busy machine
  configure({ asyncUtilTimeout: 5_000 })
  vi.stubGlobal(
    'DOMMatrixReadOnly',
    class {
      m22 = 1
    },
  )
  for (const name of ['offsetWidth', 'offsetHeight'] as const) {
    vi.spyOn(HTMLElement.prototype, name, 'get').mockReturnValue(800)
  }
}
