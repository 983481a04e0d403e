import type { Node, NodeProps } from '@xyflow/react'
import { memo } from 'react'
import { Glyph } from '@/components/objects/glyph'
import type { ActionLook } from '@/components/objects/actions'

export type GhostData = { name: string; kind: string; look: ActionLook; parent: null }
export type GhostFlowNode = Node<GhostData, 'ghost'>

/** An object that a plan takes away: no card stands for it any more. */
export const GhostCard = memo(function GhostCard({ data: { name, kind, look } }: NodeProps<GhostFlowNode>) {
  return (
    <section aria-label={`${name}, ${kind}, ${look.word.toLowerCase()}`} className="ghost-card">
      <span className="min-w-0 grow">
        <span className="block truncate text-dense font-semibold">{name}</span>
        <span className="block truncate text-meta text-text-muted">{kind}</span>
      </span>
      <Glyph look={look} />
    </section>
  )
})
