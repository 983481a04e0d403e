import { ArrowLeft, ArrowRight } from 'lucide-react'
import { useMemo, useState } from 'react'
import { KindIcon } from '@/components/objects/kind-icon'
import { Button } from '@/components/ui/button'
import { Dialog, DialogBody } from '@/components/ui/dialog'
import { SearchInput } from '@/components/ui/input'
import { typeOf } from '../graph/graph'
import type { Place } from '../graph/edits'
import { nameOf } from '../graph/mirrors'
import { DRAWINGS, type GraphNode } from '../graph/types'
import { judgeOf, type Verdict } from '../graph/verdicts'
import { useGraph } from '../open/hooks'
import { useOpenWorkflow } from '../open/open-workflow'

interface ConnectDialogProps {
  from: string
  onClose: () => void
}

type Way = { source: Place; target: Place; verdict: Verdict; out: boolean }

/** Connect a node without dragging: what it can be wired to, and why not to the rest. */
export function ConnectDialog({ from, onClose }: ConnectDialogProps) {
  const { graph, catalogue, nameOf: nameAt } = useGraph()
  const [text, setText] = useState('')
  const others = useMemo(() => {
    const judge = judgeOf(graph, catalogue)
    const here = { nodeId: from, handle: null }
    return graph.nodes
      .filter((node) => node.id !== from && !DRAWINGS.has(node.type))
      .map((node) => {
        const there = { nodeId: node.id, handle: null }
        const ways: Way[] = [
          { source: here, target: there, verdict: judge(here, there), out: true },
          { source: there, target: here, verdict: judge(there, here), out: false },
        ]
        return { node, ways, allowed: ways.filter(({ verdict }) => verdict.ok) }
      })
      .sort((left, right) => Number(right.allowed.length > 0) - Number(left.allowed.length > 0))
  }, [graph, catalogue, from])
  const shown = others.filter(({ node }) =>
    `${nameOf(node.data, node.id)} ${node.type}`.toLowerCase().includes(text.trim().toLowerCase()),
  )
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title={`Connect ${nameAt(from)}`} wide>
      <DialogBody className="grid gap-3">
        <SearchInput label="Search nodes" placeholder="Search nodes" value={text} onChange={setText} />
        <ul aria-label="Nodes" className="grid gap-1">
          {shown.map(({ node, ways, allowed }) => (
            <Other key={node.id} node={node} ways={allowed.length > 0 ? allowed : ways} onClose={onClose} />
          ))}
        </ul>
        {shown.length === 0 && <p className="text-dense text-text-muted">There is no such node.</p>}
      </DialogBody>
    </Dialog>
  )
}

function Other({ node, ways, onClose }: { node: GraphNode; ways: readonly Way[]; onClose: () => void }) {
  const { catalogue } = useGraph()
  const { editing } = useOpenWorkflow()
  const type = typeOf(node, catalogue)
  const done = (act: () => void) => () => {
    onClose()
    act()
  }
  return (
    <li className="grid gap-1.5 rounded-card border border-line p-2.5">
      <p className="flex items-center gap-2 text-body font-semibold">
        <KindIcon name={type?.icon ?? ''} size={16} className="text-text-muted" />
        {nameOf(node.data, node.id)}
        <span className="text-meta font-normal text-text-muted">{type?.title ?? node.type}</span>
      </p>
      <div className="flex flex-wrap gap-1.5">
        {ways.map(({ source, target, verdict, out }) =>
          verdict.ok ? (
            verdict.rules.map((rule) => (
              <Button
                key={`${rule.id} ${out}`}
                icon={out ? ArrowRight : ArrowLeft}
                title={rule.effect.text}
                onClick={done(() => editing.connect(rule, source, target))}
              >
                {rule.label}
              </Button>
            ))
          ) : out ? (
            <p key="refused" className="grow text-dense text-text-muted">
              {verdict.message}{' '}
              {verdict.remedy !== null && (
                <button
                  type="button"
                  className="font-medium text-text underline underline-offset-2"
                  onClick={done(() => editing.remedy(verdict, source, target))}
                >
                  {verdict.remedy.text}
                </button>
              )}
            </p>
          ) : null,
        )}
      </div>
    </li>
  )
}
