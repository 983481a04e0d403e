import { queryOptions } from '@tanstack/react-query'
import { api, call, type Schema } from '@/lib/api/client'

const PAGE = 100

/** Every item of a run's plan, in its order; the digest names the plan, so that another one is asked for again. */
export function planItemsQuery(runId: string, digest: string) {
  return queryOptions({
    queryKey: ['runs', 'plan', runId, digest],
    queryFn: async ({ signal }) => {
      const items: Schema<'PlanItem'>[] = []
      let cursor: string | undefined
      do {
        const page = await call(
          api.GET('/v1/api/runs/{run_id}/plan', {
            params: { path: { run_id: runId }, query: { limit: PAGE, cursor } },
            signal,
          }),
        )
        items.push(...page.items)
        cursor = page.next_cursor ?? undefined
      } while (cursor !== undefined)
      return items
    },
    staleTime: Infinity,
  })
}
