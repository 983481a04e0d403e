import { queryOptions } from '@tanstack/react-query'
import { api, call } from '@/lib/api/client'

/** Which version of the platform answers; asked for again, so that a page notices a newer one. */
export const serverVersionQuery = queryOptions({
  queryKey: ['version'],
  queryFn: ({ signal }) => call(api.GET('/v1/api/version', { signal })),
  staleTime: 60_000,
  refetchInterval: 5 * 60_000,
})
