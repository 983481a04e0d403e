import type { ApiError } from '@/lib/api/error'
import type { Graph, Issue } from '../graph/types'

const PLACE = /^(nodes|edges)\.(\d+)(?:\.(.*))?$/

/** The server's complaints about a graph that was sent, as issues of its nodes and wires. */
export function complaintsOf(error: ApiError, graph: Graph): Issue[] {
  if (error.status !== 422) return []
  return error.fields.map(({ path, message }) => ({
    ...placeOf(path, graph),
    code: error.code,
    severity: 'error',
    message: sentence(message),
  }))
}

/** Where a path such as `nodes.3.data.image` leads. */
function placeOf(path: string, { nodes, edges }: Graph): Pick<Issue, 'node_id' | 'edge_id' | 'path'> {
  const [, list, index = '', field = ''] = PLACE.exec(path) ?? []
  const inside = /^data\.(.+)$/.exec(field)?.[1]
  const pointer = inside === undefined ? '' : `/${inside.replaceAll('.', '/')}`
  if (list === 'nodes') return { node_id: nodes[Number(index)]?.id ?? null, edge_id: null, path: pointer }
  if (list === 'edges') return { node_id: null, edge_id: edges[Number(index)]?.id ?? null, path: pointer }
  return { node_id: null, edge_id: null, path: '' }
}

function sentence(text: string): string {
  const start = text.charAt(0).toUpperCase() + text.slice(1)
  return /[.!?]$/.test(start) ? start : `${start}.`
}
