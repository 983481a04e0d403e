import type { Schema } from '@/lib/api/client'

const AT = '2026-01-02T03:04:05Z'

export function makeSession(change: Partial<Schema<'SessionAnswer'>> = {}): Schema<'SessionAnswer'> {
  return {
    user: { id: 'user-1', name: 'Ada Lovelace', email: 'ada@example.com', role: 'admin', created_at: AT },
    access_token: 'token-1',
    expires_at: new Date(Date.now() + 3_600_000).toISOString(),
    refresh_token: 'refresh-1',
    ...change,
  }
}

export function makeWorkflow(change: Partial<Schema<'WorkflowItem'>> = {}): Schema<'WorkflowItem'> {
  return {
    id: 'workflow-1',
    name: 'Shop',
    description: 'Storefront and cart',
    cluster_id: 'cluster-1',
    namespace: 'shop',
    status: 'published',
    tags: [],
    revision: 3,
    current_version: 12,
    deployed_version: 12,
    owner_id: 'user-1',
    run_count: 2,
    success_count: 1,
    failure_count: 1,
    last_run: { id: 'run-1', status: 'failed', version: 12, finished_at: AT },
    active_run_id: null,
    created_at: AT,
    updated_at: AT,
    node_count: 4,
    status_counts: { healthy: 3, degraded: 1 },
    ...change,
  }
}

export function makeCluster(change: Partial<Schema<'ClusterHead'>> = {}): Schema<'ClusterHead'> {
  return {
    id: 'cluster-1',
    name: 'staging',
    server: 'https://10.0.0.1:6443',
    auth_type: 'kubeconfig',
    namespace: 'default',
    status: 'connected',
    status_reason: '',
    latency_ms: 3.4,
    version: 'v1.34.2',
    node_count: 3,
    simulated: false,
    is_default: true,
    local: false,
    insecure_skip_tls_verify: false,
    credentials_expire_at: null,
    last_checked_at: AT,
    owner_id: 'user-1',
    created_at: AT,
    updated_at: AT,
    ...change,
  }
}

export function page<Item>(items: Item[], more: { total?: number; next_cursor?: string | null } = {}) {
  return { items, total: items.length, next_cursor: null, ...more }
}
