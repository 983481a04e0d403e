import { z } from '@/lib/config/zod'
import { api, call, type Schema } from '@/lib/api/client'
import type { ApiError } from '@/lib/api/error'

export type NewCluster = Schema<'NewCluster'>
export type ConnectionTest = Schema<'ConnectionTest'>

const path = (id: string) => ({ params: { path: { cluster_id: id } } })

export const testCluster = (body: NewCluster) => call(api.POST('/v1/api/clusters/test', { body }))
export const connectCluster = (body: NewCluster) => call(api.POST('/v1/api/clusters', { body }))
export const deleteCluster = (id: string) => call(api.DELETE('/v1/api/clusters/{cluster_id}', path(id)))
export const refreshCluster = (id: string) =>
  call(api.POST('/v1/api/clusters/{cluster_id}/refresh', path(id)))
export const setDefaultCluster = (id: string) =>
  call(api.PUT('/v1/api/clusters/{cluster_id}/default', path(id)))

const FailedTest = z.object({
  ok: z.boolean(),
  server: z.string().default(''),
  version: z.string().default(''),
  checks: z.array(
    z.object({
      id: z.string(),
      title: z.string(),
      state: z.enum(['pass', 'fail', 'skip']),
      detail: z.string().default(''),
      remedy: z.string().default(''),
    }),
  ),
})

/** The test inside the refusal of a cluster that does not pass it. */
export function testOf(error: ApiError): ConnectionTest | null {
  return FailedTest.safeParse(error.details.test).data ?? null
}
