import { setAt } from '@/components/schema-form/set-at'
import { isObject } from '@/lib/schema/conditions'
import { freePlace, nodeOfType, wireOfRule } from './create'
import { added, inTurn, removed, withData, withOptions, type Edit } from './edits'
import { typesFor } from './fitting'
import type { Catalogue, Graph, Issue, JsonObject } from './types'

/** What the remedy of an issue does to the graph; null when only a person can say what to enter. */
export function mended(issue: Issue, graph: Graph, catalogue: Catalogue): Edit | null {
  const { remedy, node_id: nodeId, edge_id: edgeId } = issue
  switch (remedy?.action) {
    case 'remove':
      return removed({
        nodes: new Set(nodeId != null && edgeId == null ? [nodeId] : []),
        edges: new Set(edgeId == null ? [] : [edgeId]),
      })
    case 'change-field': {
      if (remedy.value == null) return null
      const change = (data: JsonObject) => {
        const next = setAt(data, remedy.path ?? issue.path ?? '', remedy.value)
        return isObject(next) ? next : data
      }
      if (edgeId != null) return withOptions(edgeId, change)
      return nodeId == null ? null : withData(nodeId, change, catalogue)
    }
    case 'add-node':
      return nodeId == null ? null : beside(nodeId, remedy.node_type ?? '', graph, catalogue)
    case 'add-between':
    case 'reverse':
    case 'replace':
    case undefined:
      return null
  }
}

/** Add a node of a type beside another, wired to it by the first rule that allows it. */
function beside(nodeId: string, wanted: string, graph: Graph, catalogue: Catalogue): Edit | null {
  const type = catalogue.types.get(wanted)
  const node = graph.nodes.find(({ id }) => id === nodeId)
  if (type === undefined || node === undefined) return null
  const made = nodeOfType(type, graph, freePlace(graph, node.position))
  const [here, there] = [
    { nodeId, handle: null },
    { nodeId: made.id, handle: null },
  ]
  for (const end of ['source', 'target'] as const) {
    const fitting = typesFor(graph, catalogue, { at: here, end }).find((each) => each.type.type === wanted)
    if (fitting === undefined) continue
    const [source, target] = end === 'source' ? [here, there] : [there, here]
    return inTurn(added([made]), added([], [wireOfRule(fitting.rule, source, target)]))
  }
  return added([made])
}
