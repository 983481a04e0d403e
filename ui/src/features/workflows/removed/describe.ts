import type { RemovedObject } from '@/api/removals'

export type ObjectName = { kind: string; namespace: string | null; name: string }

/** The parts of how plans and runs name an object: `Service shop/front`, `ClusterRole reader`. */
export function readObject(object: string): ObjectName {
  const [kind = '', place = ''] = object.split(' ', 2)
  const slash = place.indexOf('/')
  return slash < 0
    ? { kind, namespace: null, name: place }
    : { kind, namespace: place.slice(0, slash), name: place.slice(slash + 1) }
}

type Can = RemovedObject['can']

export const GROUPS: Record<Can, string> = {
  undo: 'Can be put back',
  'roll-back': 'Only by the way back to a version',
  nothing: 'Nothing to put back',
}

export type RemovedGroup = { can: Can; items: readonly RemovedObject[] }

/** Removed objects by what can be done about them, what is to be done first. */
export function groupsOf(items: readonly RemovedObject[]): RemovedGroup[] {
  return (['undo', 'roll-back', 'nothing'] as const)
    .map((can) => ({ can, items: items.filter((item) => item.can === can) }))
    .filter((group) => group.items.length > 0)
}

/** The nodes that can be put back, each once. */
export function nodesToPutBack(items: readonly RemovedObject[]): string[] {
  return [...new Set(items.filter(({ can }) => can === 'undo').map(({ node_id: id }) => id))]
}

/** Whether a run of the graph as it is saved makes some of them that are not there again. */
export function areComing(items: readonly RemovedObject[]): boolean {
  return items.some((item) => item.in_graph && item.can === 'nothing' && !item.again)
}
