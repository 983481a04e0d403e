import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { wireEffectsQuery, type WireEffect } from '@/api/manifests'
import type { FieldChange } from '@/components/objects/diff'
import { DiffView } from '@/components/objects/diff-view'
import { Nothing, Part } from '@/components/objects/part'
import { Loading, Skeleton } from '@/components/ui/skeleton'
import { toApiError } from '@/lib/api/error'
import { bodyOf } from '../graph/graph'
import type { Graph } from '../graph/types'
import { useDraft } from '../open/hooks'
import { useOpenWorkflow } from '../open/open-workflow'

const QUIET_MS = 400

/** The very fields that a wire writes on both ends, with their values without it and with it. */
export function WireEffects({ edgeId }: { edgeId: string }) {
  const { id } = useOpenWorkflow()
  const drawn = useSettled(useDraft(({ history }) => history.present))
  const isThere = drawn.edges.some((edge) => edge.id === edgeId)
  const { data, error } = useQuery({
    ...wireEffectsQuery(id, edgeId, bodyOf(drawn)),
    enabled: isThere,
  })
  return (
    <Part title="What it writes">
      {error !== null && data === undefined && (
        <Nothing>What it writes could not be found out: {toApiError(error).message}</Nothing>
      )}
      {error === null && data === undefined && (
        <Loading label="Finding out what the wire writes">
          <Skeleton className="h-24 w-full" />
        </Loading>
      )}
      {data?.length === 0 && <Nothing>It writes no fields of the graph as it is drawn.</Nothing>}
      <ul className="grid gap-3">
        {groupsOf(data ?? []).map(({ title, changes }) => (
          <li key={title}>
            <p className="pb-1 text-meta text-text-muted">{title}</p>
            <DiffView label={title} changes={changes} />
          </li>
        ))}
      </ul>
      {data !== undefined && data.length > 0 && (
        <p className="mt-2 text-meta text-text-muted">
          Without the wire each has the value before it; a plan shows when that changes the cluster.
        </p>
      )}
    </Part>
  )
}

/** Effects by the object that has the fields. */
function groupsOf(effects: readonly WireEffect[]): { title: string; changes: FieldChange[] }[] {
  const found = new Map<string, FieldChange[]>()
  for (const { object, path, before, after } of effects) {
    const title = `${object.kind} ${object.name}`
    const change = { path: path || object.kind, old: before, new: after }
    found.set(title, [...(found.get(title) ?? []), change])
  }
  return [...found].map(([title, changes]) => ({ title, changes }))
}

/** A graph, once nothing has been changed for a moment. */
function useSettled(graph: Graph): Graph {
  const [settled, setSettled] = useState(graph)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(graph), QUIET_MS)
    return () => clearTimeout(timer)
  }, [graph])
  return settled
}
