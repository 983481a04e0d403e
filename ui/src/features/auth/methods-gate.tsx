import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { ErrorPanel } from '@/components/ui/panels'
import { Loading, Skeleton } from '@/components/ui/skeleton'
import { toApiError } from '@/lib/api/error'
import { methodsQuery, type Methods } from '@/api/auth'

/** Shows its children when it is known how one may sign in. */
export function MethodsGate({ children }: { children: (methods: Methods) => ReactNode }) {
  const { data, error, isFetching, refetch } = useQuery(methodsQuery)
  if (data) return children(data)
  return (
    <main className="grid min-h-dvh place-items-center bg-surface">
      <h1 className="sr-only">KubeOrch</h1>
      {error ? (
        <ErrorPanel
          error={toApiError(error)}
          what="the ways to sign in"
          busy={isFetching}
          onRetry={() => void refetch()}
        />
      ) : (
        <Loading label="Loading the ways to sign in">
          <div className="grid w-80 gap-4">
            <Skeleton className="h-8 w-40" />
            <Skeleton className="h-9" />
            <Skeleton className="h-9" />
            <Skeleton className="h-9" />
          </div>
        </Loading>
      )}
    </main>
  )
}
