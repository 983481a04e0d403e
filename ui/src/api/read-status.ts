import { z } from '@/lib/config/zod'

const Status = z.object({
  node_id: z.string(),
  type: z.string().default(''),
  state: z.string(),
  message: z.string().default(''),
  reason: z.string().default(''),
  ready: z.number().nullish(),
  desired: z.number().nullish(),
  address: z.string().nullish(),
  details: z.record(z.string(), z.unknown()).default({}),
  objects: z
    .array(
      z.object({
        api_version: z.string(),
        kind: z.string(),
        namespace: z.string().nullish(),
        name: z.string(),
        uid: z.string().default(''),
      }),
    )
    .default([]),
  observed_at: z.string(),
  stale_since: z.string().nullish(),
})

export type ObservedObject = {
  apiVersion: string
  kind: string
  namespace: string | null
  name: string
  isThere: boolean
}

/** How a node was when it was last observed. */
export type NodeStatus = {
  nodeId: string
  state: string
  message: string
  reason: string
  ready: number | null
  desired: number | null
  address: string | null
  details: Record<string, unknown>
  objects: ObservedObject[]
  observedAt: string
  staleSince: string | null
}

/** The status in an answer or update; null when it is none. */
export function readStatus(raw: unknown): NodeStatus | null {
  const parsed = Status.safeParse(raw)
  if (!parsed.success) return null
  const status = parsed.data
  return {
    nodeId: status.node_id,
    state: status.state,
    message: status.message,
    reason: status.reason,
    ready: status.ready ?? null,
    desired: status.desired ?? null,
    address: status.address ?? null,
    details: status.details,
    objects: status.objects.map((item) => ({
      apiVersion: item.api_version,
      kind: item.kind,
      namespace: item.namespace ?? null,
      name: item.name,
      isThere: item.uid !== '',
    })),
    observedAt: status.observed_at,
    staleSince: status.stale_since ?? null,
  }
}

/** The statuses in a list; what cannot be read is left out. */
export function readStatuses(raw: unknown): NodeStatus[] {
  return Array.isArray(raw) ? raw.map(readStatus).filter((status) => status !== null) : []
}
