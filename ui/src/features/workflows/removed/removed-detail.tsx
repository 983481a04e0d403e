import { Undo2 } from 'lucide-react'
import { Button } from '@/components/ui/button'
import { CopyButton } from '@/components/ui/copy-button'
import { ObjectHead } from '@/components/objects/object-parts'
import { NodeLink, ObjectArticle, Titled } from '@/components/objects/object-article'
import { useGraph } from '../open/hooks'
import { useOpenWorkflow } from '../open/open-workflow'
import { readObject } from './describe'
import type { RemovedObject } from '@/api/removals'

interface RemovedDetailProps {
  item: RemovedObject
  onBack: () => void
}

/** One object that a run has removed: what can be done about it, and what it was last. */
export function RemovedDetail({ item, onBack }: RemovedDetailProps) {
  const { nameOf } = useGraph()
  const { show, plans } = useOpenWorkflow()
  const object = readObject(item.object)
  const { kind } = object
  const { node_id: nodeId, version } = item
  return (
    <ObjectArticle object={item.object} onBack={onBack}>
      <ObjectHead object={object} action="prune">
        {item.in_graph && <NodeLink name={nameOf(nodeId)} onShow={() => show(nodeId)} />}
      </ObjectHead>
      <p className="text-dense wrap-anywhere">
        {item.can === 'undo' && version != null ? `Its node comes back as v${version} had it.` : item.why}
      </p>
      {item.can === 'roll-back' && version != null && (
        <Button
          icon={Undo2}
          onClick={() => void plans.plan({ kind: 'rollback', version })}
          className="justify-self-start"
        >
          Plan the way back to v{version}
        </Button>
      )}
      {item.yaml === '' ? (
        <p className="text-dense text-text-muted">
          This run has removed more than it keeps the YAML of, and this one was left out.
        </p>
      ) : (
        <LastYaml object={item.object} text={item.yaml} isSecret={kind === 'Secret'} />
      )}
    </ObjectArticle>
  )
}

function LastYaml({ object, text, isSecret }: { object: string; text: string; isSecret: boolean }) {
  return (
    <Titled title="What it was when it was removed" action={<CopyButton text={text} label="Copy YAML" />}>
      {isSecret && (
        <p className="text-meta text-text-muted">Its values are not part of it, and are never shown.</p>
      )}
      <pre
        // scrolled by keys
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={0}
        aria-label={`YAML of ${object}`}
        className="overflow-x-auto rounded-control border border-line bg-sunken p-3 font-mono text-mono whitespace-pre"
      >
        {text}
      </pre>
    </Titled>
  )
}
