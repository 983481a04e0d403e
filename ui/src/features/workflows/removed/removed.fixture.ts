import type { RemovedObject } from '@/api/removals'

/** An object that a run has removed, whose node can be put back. */
export function makeRemoved(object: string, change: Partial<RemovedObject> = {}): RemovedObject {
  const [kind = '', place = ''] = object.split(' ')
  const [namespace = '', name = ''] = place.split('/')
  return {
    node_id: name,
    object,
    yaml: `apiVersion: v1\nkind: ${kind}\nmetadata:\n  name: ${name}\n  namespace: ${namespace}\n`,
    version: 1,
    in_graph: false,
    again: false,
    can: 'undo',
    why: 'Version 1 has its node.',
    ...change,
  }
}
