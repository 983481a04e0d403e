import { useQuery, useQueryClient } from '@tanstack/react-query'
import { isResting } from '@/api/merge-run'
import { hearRun, runQuery } from '@/api/runs'
import { useTopic } from '@/lib/stream/stream'
import { hearProgress } from '../open/runs/open-run'
import { runEventOf } from '../open/runs/updates'

const ASK_AGAIN_MS = 3_000

/** A run as it is asked for, and as the stream tells of it as long as it goes on. */
export function useRunFeed(workflowId: string, runId: string) {
  const client = useQueryClient()
  const query = useQuery({
    ...runQuery(runId),
    // its end is noticed although the stream is cut
    refetchInterval: ({ state }) => (state.data != null && isResting(state.data.head) ? false : ASK_AGAIN_MS),
  })
  const follows = query.data != null && !isResting(query.data.head)
  useTopic(follows ? `run:${runId}` : null, {
    onUpdate: (update) => {
      const event = runEventOf(runId, update)
      if (event === null) return
      if (event.type === 'document') hearRun(client, workflowId, event.run)
      else hearProgress(client, event)
    },
  })
  return query
}
