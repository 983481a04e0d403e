import { useState } from 'react'
import { DiffView } from '@/components/objects/diff-view'
import { ListAndDetail } from '@/components/objects/list-and-detail'
import { ObjectArticle, Titled } from '@/components/objects/object-article'
import { ObjectHead, Why } from '@/components/objects/object-parts'
import { firstOf } from '@/components/objects/plan-groups'
import type { PlanItem } from '@/components/objects/plan-item'
import { PlanList } from '@/components/objects/plan-list'
import { count } from '@/lib/format/numbers'

/** What a run was to do with each object, as it was planned. */
export function RunPlan({ items }: { items: readonly PlanItem[] }) {
  const [chosen, setChosen] = useState<PlanItem | null>(null)
  const [shown, setShown] = useState<'list' | 'item'>('list')
  const selected = chosen ?? firstOf(items)
  const choose = (item: PlanItem) => {
    setChosen(item)
    setShown('item')
  }
  if (items.length === 0)
    return <p className="text-dense text-text-muted">No plan is kept of it: nothing was to change.</p>
  return (
    <div className="@container flex h-[32rem] max-h-[75vh] overflow-hidden rounded-card border border-line bg-surface">
      <h2 className="sr-only">Objects of the plan</h2>
      <ListAndDetail
        label="Objects of the plan"
        shown={shown}
        list={<PlanList items={items} selected={selected} onSelect={choose} />}
      >
        {selected === null ? (
          <p className="p-4 text-dense text-text-muted">Choose an object to see what is known of it.</p>
        ) : (
          <ObjectArticle object={selected.object} onBack={() => setShown('list')}>
            <ObjectHead object={selected} action={selected.action} />
            <Why item={selected} />
            {selected.diff.length > 0 && (
              <Titled
                title={`${count(selected.diff.length, 'field')} change${selected.diff.length === 1 ? 's' : ''}`}
              >
                <DiffView label={`Changes of ${selected.object}`} changes={selected.diff} />
              </Titled>
            )}
          </ObjectArticle>
        )}
      </ListAndDetail>
    </div>
  )
}
