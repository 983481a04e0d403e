import { useQuery } from '@tanstack/react-query'
import { statusQuery } from '@/api/workflows'
import type { NodeStatus } from '@/api/read-status'

/** What holds data, by kind, and why the server leaves it unless it is named. */
const KEPT = new Map([
  ['PersistentVolumeClaim', 'It holds data.'],
  ['Namespace', 'Everything in it would go too.'],
  ['Secret', 'It holds values that may not exist anywhere else.'],
])

export type HeldData = {
  /** As it is named to the server: `PersistentVolumeClaim shop/data`. */
  object: string
  why: string
}

/** Of what a workflow has on its cluster: what holds data and is there. */
export function heldDataOf(statuses: readonly NodeStatus[]): HeldData[] {
  const found = new Map<string, string>()
  for (const { kind, namespace, name, isThere } of statuses.flatMap(({ objects }) => objects)) {
    const why = KEPT.get(kind)
    if (why !== undefined && isThere)
      found.set(`${kind} ${namespace === null ? '' : `${namespace}/`}${name}`, why)
  }
  return [...found].map(([object, why]) => ({ object, why })).sort((a, b) => a.object.localeCompare(b.object))
}

/** The same, asked for; nothing is known (null) before the answer, and after none came. */
export function useHeldData(workflowId: string, enabled: boolean) {
  const { data, isLoading } = useQuery({ ...statusQuery(workflowId), enabled })
  return {
    held: data === undefined ? null : heldDataOf(Object.values(data)),
    /** Whether anything of it is seen on its cluster. */
    hasObjects: Object.values(data ?? {}).some(({ objects }) => objects.some(({ isThere }) => isThere)),
    isLoading,
  }
}
