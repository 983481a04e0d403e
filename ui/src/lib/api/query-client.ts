import { QueryClient } from '@tanstack/react-query'
import { toApiError } from './error'

/** The cache of everything the server knows. */
export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      // browsers know little of whether a server in the same building answers, so it is asked, and its silence shown
      queries: {
        networkMode: 'always',
        staleTime: 30_000,
        retry: (failures, cause) => failures < 1 && toApiError(cause).temporary,
        refetchOnReconnect: true,
        refetchOnWindowFocus: true,
      },
      mutations: { retry: false, networkMode: 'always' },
    },
  })
}
