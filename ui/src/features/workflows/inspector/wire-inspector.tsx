import { ArrowRight, Trash2, X } from 'lucide-react'
import { Button, IconButton } from '@/components/ui/button'
import { Part } from '@/components/objects/part'
import { ruleOf } from '../graph/graph'
import type { GraphEdge } from '../graph/types'
import { useGraph, useLock } from '../open/hooks'
import { useOpenWorkflow } from '../open/open-workflow'

interface WireInspectorProps {
  edge: GraphEdge
  onClose: () => void
}

/** Everything about one wire: what it joins, what it does, its options. */
export function WireInspector({ edge, onClose }: WireInspectorProps) {
  const { catalogue, nameOf } = useGraph()
  const { editing, show } = useOpenWorkflow()
  const locked = useLock()
  const rule = ruleOf(edge, catalogue)
  const title = `${nameOf(edge.source)} to ${nameOf(edge.target)}`
  return (
    <aside aria-label={`Wire ${title}`} className="flex h-full min-h-0 flex-col bg-surface">
      <header className="flex shrink-0 items-center gap-3 px-4 pt-3 pb-2">
        <div className="min-w-0 grow">
          <h2 className="truncate text-title font-semibold">{rule?.label ?? edge.type}</h2>
          <p className="flex items-center gap-1.5 text-dense">
            <button
              type="button"
              className="truncate font-medium underline-offset-2 hover:underline"
              onClick={() => show(edge.source)}
            >
              {nameOf(edge.source)}
            </button>
            <ArrowRight aria-hidden size={14} className="shrink-0 text-text-muted" />
            <button
              type="button"
              className="truncate font-medium underline-offset-2 hover:underline"
              onClick={() => show(edge.target)}
            >
              {nameOf(edge.target)}
            </button>
          </p>
        </div>
        <IconButton icon={X} label="Close inspector" onClick={onClose} />
      </header>
      <div className="min-h-0 grow overflow-y-auto px-4 pb-6">
        {rule !== null && <p className="mb-4 text-dense text-text-muted">{rule.effect.text}</p>}
        {rule === null && (
          <p className="mb-4 text-dense text-text-muted">This server does not know what the wire does.</p>
        )}
        <Part title="Wire">
          <Button
            variant="danger"
            icon={Trash2}
            refused={locked}
            onClick={() => {
              editing.remove({ nodes: new Set(), edges: new Set([edge.id]) })
              onClose()
            }}
          >
            Remove the wire
          </Button>
        </Part>
      </div>
    </aside>
  )
}
