import type { Schema } from '@/lib/api/client'
import { sharedFixture } from '@/testing/shared-fixture'
import { catalogueOf } from './graph'
import type { Catalogue, Graph } from './types'

/** What `GET /v1/api/node-types` answers. */
export function servedTypes(): Schema<'NodeTypes'> {
  return sharedFixture('node-types.json')
}

export function servedCatalogue(): Catalogue {
  return catalogueOf(servedTypes())
}

/** A service in front of a deployment that reads a config map. */
export function starterGraph(): Graph {
  return {
    nodes: [
      {
        id: 'service',
        type: 'service',
        position: { x: 80, y: 160 },
        data: { name: 'starter', type: 'ClusterIP', ports: [{ name: 'http', port: 80 }] },
        parent: null,
      },
      {
        id: 'web',
        type: 'deployment',
        position: { x: 440, y: 160 },
        data: { name: 'starter', image: 'localhost/kubeorch-starter:1', replicas: 2 },
        parent: null,
      },
      {
        id: 'config',
        type: 'configmap',
        position: { x: 800, y: 160 },
        data: { name: 'starter-config', data: { GREETING: 'Hello' } },
        parent: null,
      },
    ],
    edges: [
      edge('service-web', 'service', 'web', { rule: 'service-selects' }),
      edge('config-web', 'config', 'web', { rule: 'config-env' }),
    ],
  }
}

export function edge(
  id: string,
  source: string,
  target: string,
  data: Record<string, unknown> = {},
  type = 'wires',
) {
  return { id, source, target, sourceHandle: null, targetHandle: null, type, data }
}
