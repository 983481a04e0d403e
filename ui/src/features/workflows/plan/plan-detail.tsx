import { useQuery } from '@tanstack/react-query'
import { ArrowLeft } from 'lucide-react'
import { useEffect, useRef, type ReactNode } from 'react'
import { DiffLines, DiffView } from '@/components/diff-view/diff-view'
import { Button } from '@/components/ui/button'
import { count } from '@/lib/format/numbers'
import { useOpenWorkflow } from '../canvas/open-workflow'
import { yamlQuery } from '../inspector/queries'
import { Consents } from './consents'
import { MOST_CHANGES, type PlanItem } from './items'
import { ObjectHead, Why } from './object-parts'
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
  const { show, nameOf, document: graph } = useOpenWorkflow()
  const { nodeId } = item
  const drawn = graph.nodes.some(({ id }) => id === nodeId)
  const top = useRef<HTMLElement>(null)
  useEffect(() => {
    top.current?.scrollTo({ top: 0 })
  }, [item.object])
  return (
    <article
      ref={top}
      aria-label={item.object}
      // scrolled by keys
      // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      tabIndex={0}
      className="grid min-h-0 grow auto-rows-min grid-cols-[minmax(0,1fr)] gap-3 overflow-y-auto p-4 -outline-offset-2"
    >
      <Button variant="ghost" icon={ArrowLeft} onClick={onBack} className="justify-self-start @2xl:hidden">
        All objects
      </Button>
      <ObjectHead item={item}>
        {nodeId !== null && drawn && (
          <button
            type="button"
            onClick={() => show(nodeId)}
            className="min-h-6 shrink-0 text-meta text-text-muted underline-offset-2 hover:underline"
          >
            node {nameOf(nodeId)}
          </button>
        )}
      </ObjectHead>
      <Why item={item} />
      {!over && <Consents item={item} />}
      <Fields item={item} ofSaved={ofSaved} />
    </article>
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
  const { workflow } = useOpenWorkflow()
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

function Titled({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="grid grid-cols-[minmax(0,1fr)] gap-1.5">
      <h4 className="text-meta font-semibold text-text-muted">{title}</h4>
      {children}
    </section>
  )
}
