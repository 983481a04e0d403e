import { toast } from '@/components/ui/toast'
import { count } from '@/lib/format/numbers'
import { copyText, duplicated, pasted, readText, type Pieces } from '../graph/clipboard'
import { added } from '../graph/edits'
import { manifestNodes } from '../graph/manifests'
import type { Position } from '../graph/types'
import type { OpenWorkflow } from '../open/open-workflow'

/** Put some nodes and the wires between them into the clipboard, as text. */
export async function copy({ graph }: OpenWorkflow, ids: ReadonlySet<string>): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(copyText(graph.getState().graph, ids))
    return true
  } catch {
    toast.failed('The browser did not let the page write to the clipboard.')
    return false
  }
}

export async function cut(open: OpenWorkflow, ids: ReadonlySet<string>): Promise<void> {
  if (await copy(open, ids)) open.editing.remove({ nodes: ids, edges: new Set() })
}

/** Put in what the clipboard holds, in the middle of what is seen. */
export async function paste(open: OpenWorkflow): Promise<void> {
  let text
  try {
    text = await navigator.clipboard.readText()
  } catch {
    toast.failed('The browser did not let the page read the clipboard.')
    return
  }
  const read = readText(text)
  if (read.kind === 'other') {
    toast.failed(read.message)
    return
  }
  const at = open.view.get()?.centre() ?? { x: 0, y: 0 }
  if (read.kind === 'yaml') putManifests(open, read.text, at)
  else {
    const { graph, catalogue, limits } = open.graph.getState()
    put(open, 'Paste', pasted(graph, read.graph, at, catalogue, limits))
  }
}

export function duplicate(open: OpenWorkflow, ids: ReadonlySet<string>): void {
  const { graph, catalogue, limits } = open.graph.getState()
  put(open, 'Duplicate', duplicated(graph, ids, catalogue, limits))
}

function put({ editing }: OpenWorkflow, verb: string, pieces: Pieces): void {
  if (!pieces.ok) {
    toast.failed(pieces.message)
    return
  }
  const ids = pieces.nodes.map(({ id }) => id)
  editing.insert(`${verb} ${count(ids.length, 'node')}`, added(pieces.nodes, pieces.edges), ids)
}

/** Pasted YAML becomes nodes that hold it as it is, one for each document. */
function putManifests(open: OpenWorkflow, text: string, at: Position): void {
  const { graph, catalogue, limits } = open.graph.getState()
  const nodes = manifestNodes(text, graph, catalogue, at)
  if (graph.nodes.length + nodes.length > limits.nodes) {
    toast.failed(`A workflow has at most ${limits.nodes} nodes; ${nodes.length} more do not fit.`)
    return
  }
  put(open, 'Paste', { ok: true, nodes, edges: [] })
}
