import { useQuery } from '@tanstack/react-query'
import { ArchiveRestore } from 'lucide-react'
import { removedQuery } from '@/api/removals'
import { CopyButton } from '@/components/ui/copy-button'
import { ButtonLink } from '@/components/ui/button'
import { ErrorPanel } from '@/components/ui/panels'
import { Loading, Skeleton } from '@/components/ui/skeleton'
import { toApiError } from '@/lib/api/error'

interface RunRemovedProps {
  workflowId: string
  runId: string
  /** The graph that it is compared with. */
  mark: string
}

/** What a run has removed, each with its last YAML. */
export function RunRemoved({ workflowId, runId, mark }: RunRemovedProps) {
  const { data, error, refetch, isFetching } = useQuery(removedQuery(runId, mark))
  if (data === undefined) {
    return error === null ? (
      <Loading label="Loading what was removed">
        <Skeleton className="h-24 w-full" />
      </Loading>
    ) : (
      <ErrorPanel
        error={toApiError(error)}
        what="what was removed"
        busy={isFetching}
        onRetry={() => void refetch()}
      />
    )
  }
  if (data.length === 0) return <p className="text-dense text-text-muted">It has removed nothing.</p>
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-3">
      <ButtonLink
        to={`/workflows/${workflowId}?removed=${runId}`}
        icon={ArchiveRestore}
        className="justify-self-start"
      >
        Put back on the graph
      </ButtonLink>
      <ul
        aria-label="Removed objects"
        className="divide-y divide-line rounded-card border border-line bg-surface"
      >
        {data.map(({ object, yaml, why }, index) => (
          // the same object may have gone from two clusters
          <li key={`${index} ${object}`} className="px-4 py-2.5">
            <p className="text-body font-medium wrap-anywhere">{object}</p>
            <p className="text-meta text-text-muted">{why}</p>
            {yaml !== '' && (
              <details className="mt-1.5">
                <summary className="min-h-6 cursor-pointer text-dense">
                  What it was when it was removed
                </summary>
                <div className="mt-1.5 flex items-start gap-2">
                  <pre
                    // scrolled by keys
                    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
                    tabIndex={0}
                    aria-label={`YAML of ${object}`}
                    className="min-w-0 grow overflow-x-auto rounded-control border border-line bg-sunken p-3 font-mono text-mono"
                  >
                    {yaml}
                  </pre>
                  <CopyButton text={yaml} label={`Copy YAML of ${object}`} />
                </div>
              </details>
            )}
          </li>
        ))}
      </ul>
    </div>
  )
}
