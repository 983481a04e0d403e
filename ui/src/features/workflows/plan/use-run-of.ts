import { useQuery } from '@tanstack/react-query'
import { useEffect } from 'react'
import { isResting } from '@/api/merge-run'
import type { RunDocument, RunHead } from '@/api/read-run'
import { runQuery } from '@/api/runs'
import { toApiError, type ApiError } from '@/lib/api/error'
import { useOpenWorkflow } from '../open/open-workflow'
import { optionsOf } from '../open/plans/options'
import { NEW } from '../open/plans/plan-actions'
import { dispatchPlan } from '../open/plans/plan-store'

const ASK_AGAIN_MS = 1_500

export type RunOf = {
  head: RunHead | null
  document: RunDocument | null
  error: ApiError | null
  isFetching: boolean
  retry: () => void
}

/** A run as it is asked for, and as the stream tells of it. */
export function useRunOf(runId: string): RunOf {
  const { run, stores } = useOpenWorkflow()
  const { data, error, refetch, isFetching } = useQuery({
    ...runQuery(runId),
    enabled: runId !== NEW,
    // the stream tells of it, when there is one
    refetchInterval: ({ state }) => (isKnownToRest(state.data) ? false : ASK_AGAIN_MS),
  })
  useEffect(() => {
    if (data === undefined || data === null) return
    // one that is newer than the followed run is followed from now on
    if (run.getState().head?.id !== runId) run.dispatch({ type: 'document', run: data })
    const { kind, version } = data.head
    dispatchPlan(stores.plan, {
      type: 'opened',
      runId,
      asked: kind === 'rollback' ? { kind, version } : { kind: 'saved' },
      options: optionsOf(data.options),
    })
  }, [data, run, stores, runId])
  const unreadable =
    data === null ? new Error('The answer of the server cannot be read. Reload the page.') : null
  const problem = data === undefined ? error : unreadable
  return {
    head: data?.head ?? null,
    document: data ?? null,
    error: problem === null ? null : toApiError(problem),
    isFetching,
    retry: () => void refetch(),
  }
}

function isKnownToRest(run: RunDocument | null | undefined): boolean {
  return run != null && isResting(run.head)
}
