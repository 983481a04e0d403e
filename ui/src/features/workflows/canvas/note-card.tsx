import type { Node, NodeProps } from '@xyflow/react'
import { memo } from 'react'
import { useLock } from '../open/hooks'
import { useOpenWorkflow } from '../open/open-workflow'
import { InPlace } from './in-place'

export type NoteData = { text: string; parent: string | null }
export type NoteFlowNode = Node<NoteData, 'note'>

/** Words beside the graph. */
export const NoteCard = memo(function NoteCard({ id, data, selected }: NodeProps<NoteFlowNode>) {
  const { editing } = useOpenWorkflow()
  const locked = useLock() !== null
  return (
    <section data-note={id} data-chosen={selected || undefined} aria-label="Note" className="note-card">
      <InPlace
        text={data.text}
        label="Text of the note"
        placeholder="Double-click to write"
        many
        locked={locked}
        onDone={(text) => editing.change(id, 'Write a note', (before) => ({ ...before, text }))}
      />
    </section>
  )
})
