import { useQuery } from '@tanstack/react-query'
import { ArchiveRestore } from 'lucide-react'
import { Select } from '@/components/ui/input'
import { EmptyPanel, ErrorPanel } from '@/components/ui/panels'
import { Loading, Skeleton } from '@/components/ui/skeleton'
import { toApiError } from '@/lib/api/error'
import { formatRelative } from '@/lib/time/time'
import { useNow } from '@/lib/time/use-now'
import { useOpenWorkflow } from '../open/open-workflow'
import { useWorkflow } from '../open/hooks'
import { runsQuery } from '@/api/runs'
import { SideSheet } from '@/components/objects/side-sheet'
import type { RunHead } from '@/api/read-run'
import { aimOf, hasRemoved } from '../open/runs/describe-run'
import { PutBack } from './put-back'
import { removedQuery } from '@/api/removals'

interface RemovedSheetProps {
  /** The run whose removals are looked at; empty for the newest that has some. */
  runId: string
}

/** What runs have removed from the cluster: looked at, and put back on the canvas. */
export function RemovedSheet({ runId }: RemovedSheetProps) {
  const { change } = useOpenWorkflow().address
  const onRun = (shown: string) => change({ removed: shown, versions: null, plan: null })
  const workflow = useWorkflow()
  const { data, error, refetch, isFetching } = useQuery(runsQuery(workflow.id))
  const heads = data?.filter((run) => hasRemoved(run.nodes)).map((run) => run.head)
  const shownId = runId !== '' ? runId : heads?.[0]?.id
  return (
    <SideSheet
      title="Removed objects"
      subtitle={workflow.name}
      aside={shownId !== undefined && <Runs heads={heads ?? []} runId={shownId} onRun={onRun} />}
      closeLabel="Close removed objects"
      onClose={() => change({ removed: null })}
    >
      {shownId !== undefined ? (
        <OfRun key={shownId} runId={shownId} />
      ) : error !== null ? (
        <ErrorPanel
          error={toApiError(error)}
          what="the runs"
          busy={isFetching}
          onRetry={() => void refetch()}
        />
      ) : heads !== undefined ? (
        <Nothing>None of the last runs has removed anything.</Nothing>
      ) : (
        <Skeletons />
      )}
    </SideSheet>
  )
}

interface RunsProps {
  heads: readonly RunHead[]
  runId: string
  onRun: (runId: string) => void
}

/** The runs that have removed something, one of which is shown. */
function Runs({ heads, runId, onRun }: RunsProps) {
  const now = useNow()
  const known = heads.some(({ id }) => id === runId)
  if (heads.length === 0 || (heads.length === 1 && known)) return null
  return (
    <Select
      aria-label="Removed by"
      value={runId}
      onChange={(event) => onRun(event.target.value)}
      className="w-52 min-w-0"
    >
      {!known && <option value={runId}>The run that is shown</option>}
      {heads.map((head) => (
        <option key={head.id} value={head.id}>
          {aimOf(head)} · {formatRelative(Date.parse(head.finishedAt ?? head.createdAt), now)}
        </option>
      ))}
    </Select>
  )
}

function OfRun({ runId }: { runId: string }) {
  const workflow = useWorkflow()
  const mark = `${workflow.id} ${workflow.revision} ${workflow.status}`
  const { data, error, refetch, isFetching } = useQuery(removedQuery(runId, mark))
  if (data === undefined) {
    return error === null ? (
      <Skeletons />
    ) : (
      <ErrorPanel
        error={toApiError(error)}
        what="what was removed"
        busy={isFetching}
        onRetry={() => void refetch()}
      />
    )
  }
  if (data.length === 0) return <Nothing>This run has removed nothing.</Nothing>
  return <PutBack runId={runId} items={data} />
}

function Nothing({ children }: { children: string }) {
  return (
    <EmptyPanel icon={ArchiveRestore} title="Nothing was removed">
      {children} When a run removes what the graph has no longer, its last YAML is here.
    </EmptyPanel>
  )
}

function Skeletons() {
  return (
    <Loading label="Loading what was removed">
      {[60, 44, 72].map((width) => (
        <div key={width} className="flex h-12 items-center gap-3 px-4">
          <Skeleton className="size-4" />
          <span className="grow" style={{ maxWidth: `${width}%` }}>
            <Skeleton className="h-4 w-full" />
          </span>
        </div>
      ))}
    </Loading>
  )
}
