import { useQuery } from '@tanstack/react-query'
import { DiffLines, DiffView } from '@/components/objects/diff-view'
import { count } from '@/lib/format/numbers'
import { useGraph, useWorkflow } from '../open/hooks'
import { useOpenWorkflow } from '../open/open-workflow'
import { yamlQuery } from '@/api/manifests'
import { Consents } from './consents'
import { MOST_CHANGES, type PlanItem } from '@/components/objects/plan-item'
import { NodeLink, ObjectArticle, Titled } from '@/components/objects/object-article'
import { ObjectHead, Why } from '@/components/objects/object-parts'
import { documentOf } from './object-yaml'

interface PlanDetailProps {
  item: PlanItem
  /** Answers count no more: the plan is history. */
  over: boolean
  /** What the saved graph compiles to is what was planned. */
  ofSaved: boolean
  onBack: () => void
}

/** One object of a plan: what is done with it and why, what it is asked for, which fields change. */
export function PlanDetail({ item, over, ofSaved, onBack }: PlanDetailProps) {
  const { graph, nameOf } = useGraph()
  const { show } = useOpenWorkflow()
  const { nodeId } = item
  const drawn = graph.nodes.some(({ id }) => id === nodeId)
  return (
    <ObjectArticle object={item.object} onBack={onBack}>
      <ObjectHead object={item} action={item.action}>
        {nodeId !== null && drawn && <NodeLink name={nameOf(nodeId)} onShow={() => show(nodeId)} />}
      </ObjectHead>
      <Why item={item} />
      {!over && <Consents item={item} />}
      <Fields item={item} ofSaved={ofSaved} />
    </ObjectArticle>
  )
}

function Fields({ item, ofSaved }: { item: PlanItem; ofSaved: boolean }) {
  if (item.diff.length > 0) {
    return (
      <Titled
        title={
          item.diff.length >= MOST_CHANGES
            ? `The first ${MOST_CHANGES} fields that change`
            : `${count(item.diff.length, 'field')} change${item.diff.length === 1 ? 's' : ''}`
        }
      >
        <DiffView label={`Changes of ${item.object}`} changes={item.diff} />
      </Titled>
    )
  }
  if (item.action === 'create' && item.nodeId !== null && ofSaved)
    return <Made nodeId={item.nodeId} item={item} />
  return null
}

/** The whole object, as it will be made. */
function Made({ nodeId, item }: { nodeId: string; item: PlanItem }) {
  const workflow = useWorkflow()
  const { data } = useQuery(yamlQuery(workflow.id, workflow.revision))
  const text = documentOf(data?.get(nodeId) ?? [], item)
  if (text === null) return null
  return (
    <Titled title="What is made">
      <div className="overflow-hidden rounded-control border border-line">
        <DiffLines lines={text.split('\n').map((line) => ({ sign: '+', text: line }))} />
      </div>
    </Titled>
  )
}
