import { ArrowRight } from 'lucide-react'
import { ruleOf, typeOf } from '../graph/graph'
import type { GraphEdge, GraphNode } from '../graph/types'
import { useGraph } from '../open/hooks'
import { useOpenWorkflow } from '../open/open-workflow'
import { Nothing, Part } from '@/components/objects/part'

/** What the node is joined with, and what that does. */
export function WiresTab({ node }: { node: GraphNode }) {
  const { graph } = useGraph()
  const out = graph.edges.filter((edge) => edge.source === node.id)
  const into = graph.edges.filter((edge) => edge.target === node.id)
  if (out.length + into.length === 0) return <Nothing>No wires.</Nothing>
  return (
    <>
      {out.length > 0 && (
        <Part title="Out">
          <WireList wires={out} far={(edge) => edge.target} />
        </Part>
      )}
      {into.length > 0 && (
        <Part title="In">
          <WireList wires={into} far={(edge) => edge.source} />
        </Part>
      )}
    </>
  )
}

function WireList({ wires, far }: { wires: readonly GraphEdge[]; far: (edge: GraphEdge) => string }) {
  const { catalogue, nameOf, graph } = useGraph()
  const { show } = useOpenWorkflow()
  const kindOf = (id: string) => {
    const node = graph.nodes.find((each) => each.id === id)
    return node === undefined ? '' : (typeOf(node, catalogue)?.title ?? node.type)
  }
  return (
    <ul className="grid gap-2">
      {wires.map((edge) => {
        const rule = ruleOf(edge, catalogue)
        return (
          <li key={edge.id} className="rounded-control border border-line px-3 py-2 text-dense">
            <p className="flex flex-wrap items-center gap-1.5">
              <NodeButton onClick={() => show(edge.source)}>{nameOf(edge.source)}</NodeButton>
              <span className="text-text-muted">{rule?.label ?? edge.type}</span>
              <ArrowRight aria-hidden size={14} className="text-text-muted" />
              <NodeButton onClick={() => show(edge.target)}>{nameOf(edge.target)}</NodeButton>
              <span className="text-meta text-text-muted">{kindOf(far(edge))}</span>
            </p>
            {rule !== null && <p className="mt-1 text-meta text-text-muted">{rule.effect.text}</p>}
          </li>
        )
      })}
    </ul>
  )
}

function NodeButton({ children, onClick }: { children: string; onClick: () => void }) {
  return (
    <button
      type="button"
      onClick={onClick}
      className="rounded-control font-semibold underline-offset-2 hover:underline"
    >
      {children}
    </button>
  )
}
