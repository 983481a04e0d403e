import { splitYaml } from '@/lib/format/split-yaml'
import { freePlace } from './create'
import { copyOf, freshId, namesTaken } from './naming'
import type { Catalogue, Graph, GraphNode, NodeType, Position } from './types'

/** The field in which a node holds a manifest as it stands. */
const FIELD = 'manifest'

/** A node for each document of some YAML, which holds it as it stands; none when no type holds any. */
export function manifestNodes(text: string, graph: Graph, catalogue: Catalogue, at: Position): GraphNode[] {
  const type = [...catalogue.types.values()].find(({ ui }) => `/${FIELD}` in ui)
  if (type === undefined) return []
  const made: GraphNode[] = []
  for (const document of splitYaml(text).filter((each) => each.trim() !== '')) {
    const soFar = { ...graph, nodes: [...graph.nodes, ...made] }
    made.push(holding(document, type, soFar, at))
  }
  return made
}

function holding(document: string, type: NodeType, graph: Graph, at: Position): GraphNode {
  const name = copyOf(nameIn(document) ?? 'manifest', namesTaken(graph, type.node_type))
  return {
    id: freshId(),
    type: type.node_type,
    position: freePlace(graph, at),
    data: { ...type.defaults, name, [FIELD]: `${document.trim()}\n` },
    parent: null,
  }
}

/** The name in the metadata of a manifest; null when it is not written the usual way. */
function nameIn(document: string): string | null {
  const [, metadata = ''] = /^metadata:[^\n]*\n((?:[ \t]+[^\n]*\n?)*)/m.exec(document) ?? []
  const [, name = ''] =
    /^ {2}name:\s*["']?([a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?)["']?\s*$/m.exec(metadata) ?? []
  return name === '' ? null : name.replaceAll('.', '-')
}
