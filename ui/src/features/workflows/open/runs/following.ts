import { isPlan, type RunHead } from '@/api/read-run'
import type { Issue } from '../../graph/types'

/** Why a run did not start; `runId` is the one that is in its way. */
export type Refusal = { code: string; message: string; issues: Issue[]; runId?: string | null }

/** Which run this page follows, and what was done with it here. */
export type Following = {
  runId: string | null
  /** A run was asked for, and there is no answer yet; no other is followed meanwhile. */
  starting: boolean
  /** Cancelling was asked for. */
  cancelling: boolean
  /** With the cancellation, what was deployed before was asked for. */
  goingBack: boolean
  refusal: Refusal | null
  /** The bar of a run that has ended was closed. */
  dismissed: boolean
}

export const NOT_FOLLOWING: Following = {
  runId: null,
  starting: false,
  cancelling: false,
  goingBack: false,
  refusal: null,
  dismissed: false,
}

/** Which run is followed after one was heard of: the newest. `known` is the head of the one until now. */
export function followed(state: Following, known: RunHead | null, head: RunHead): Following {
  if (known !== null && known.id !== head.id && (isWithdrawn(head) || began(known) > began(head)))
    return state
  // a plan that was thrown away has left nothing to be told of
  const discarded = isPlan(head) && head.status === 'cancelled'
  if (state.runId !== head.id) return { ...NOT_FOLLOWING, runId: head.id, dismissed: discarded }
  return discarded && !state.dismissed ? { ...state, dismissed: true } : state
}

/** Whether a run was taken from the queue before it began: it never was the newest one. */
function isWithdrawn({ status, startedAt }: RunHead): boolean {
  return status === 'cancelled' && startedAt === null
}

/** A plan that is confirmed begins then. */
function began({ confirmedAt, createdAt }: RunHead): string {
  return confirmedAt ?? createdAt
}
