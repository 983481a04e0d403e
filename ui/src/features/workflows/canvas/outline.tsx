import { StatusMark } from '@/components/status/status-mark'
import { CopyButton } from '@/components/ui/copy-button'
import { cx } from '@/lib/format/classes'
import { cardModel } from '../graph/card'
import { typeOf } from '../graph/graph'
import { DRAWINGS, type GraphNode } from '../graph/types'
import { Glyph } from '@/components/objects/glyph'
import { KindIcon } from '@/components/objects/kind-icon'
import { useCanvas, useGraph, useWorkflow } from '../open/hooks'
import { useOpenWorkflow } from '../open/open-workflow'
import { useShownStatus } from './use-shown-status'

/** The graph as a list: for narrow screens and for those who do not see the canvas. */
export function Outline() {
  const { graph } = useGraph()
  const nodes = graph.nodes.filter((node) => !DRAWINGS.has(node.type))
  return (
    <div className="h-full overflow-y-auto p-3 sm:p-4">
      <ul aria-label="Nodes" className="mx-auto grid max-w-3xl grid-cols-[minmax(0,1fr)] gap-2">
        {nodes.map((node) => (
          <OutlineRow key={node.id} node={node} />
        ))}
      </ul>
    </div>
  )
}

function OutlineRow({ node }: { node: GraphNode }) {
  const workflow = useWorkflow()
  const { catalogue, wired, nameOf, graph } = useGraph()
  const { show, stores } = useOpenWorkflow()
  const { status, state, message, staleSince, faded } = useShownStatus(node.id)
  const selected = useCanvas((state) => state.selectedId === node.id)
  const marked = useCanvas((state) => state.marks[node.id])
  const type = typeOf(node, catalogue)
  const model = cardModel(node, type, { namespace: workflow.namespace, wired: wired.get(node.id) ?? [] })
  const targets = graph.edges.filter((edge) => edge.source === node.id).map((edge) => nameOf(edge.target))
  if (faded) return null
  return (
    <li
      className={cx(
        'relative rounded-card border bg-surface p-3 has-[[data-card-button]:focus-visible]:outline-2',
        selected ? 'border-accent' : 'border-line',
      )}
    >
      <div className="flex items-center gap-3">
        <span className="card-icon">
          <KindIcon name={model.icon} size={18} />
        </span>
        <div className="min-w-0 grow">
          <button
            type="button"
            data-card-button={node.id}
            aria-pressed={selected}
            onClick={() => {
              stores.canvas.setState({ activeId: node.id })
              show(node.id)
            }}
            className="block w-full truncate text-left text-body font-semibold outline-none after:absolute after:inset-0 after:rounded-card"
          >
            {model.title}
          </button>
          <p className="truncate text-meta text-text-muted">
            {model.kind} · {model.namespace}
          </p>
        </div>
        {marked !== undefined && <Glyph look={marked} />}
        <StatusMark state={state} staleSince={staleSince} className="shrink-0" />
      </div>
      {message !== '' && <p className="mt-2 line-clamp-4 text-dense wrap-anywhere">{message}</p>}
      {status?.address != null && (
        <p className="relative z-10 mt-1 flex w-fit items-center gap-1 font-mono text-mono">
          {status.address}
          <CopyButton text={status.address} label={`Copy address ${status.address}`} />
        </p>
      )}
      {targets.length > 0 && <p className="mt-1 text-meta text-text-muted">Wired to {targets.join(', ')}</p>}
    </li>
  )
}
