import { useState } from 'react'
import { ListAndDetail } from '@/components/objects/list-and-detail'
import type { PlanItem } from '@/components/objects/plan-item'
import { firstOf } from '@/components/objects/plan-groups'
import { PlanList } from '@/components/objects/plan-list'
import { Answered } from './answered'
import { PlanDetail } from './plan-detail'

interface PlanObjectsProps {
  items: readonly PlanItem[]
  nodeId: string | null
  over: boolean
  ofSaved: boolean
}

/** The objects of a plan; the one of a node that is chosen on the graph is shown. */
export function PlanObjects({ items, nodeId, over, ofSaved }: PlanObjectsProps) {
  const [chosen, setChosen] = useState<PlanItem | null>(null)
  const [shown, setShown] = useState<'list' | 'item'>('list')
  const [lastNode, setLastNode] = useState(nodeId)
  const choose = (item: PlanItem) => {
    setChosen(item)
    setShown('item')
  }
  if (nodeId !== lastNode) {
    setLastNode(nodeId)
    const found = items.find((item) => item.nodeId === nodeId)
    if (found !== undefined && chosen?.nodeId !== nodeId) choose(found)
  }
  const selected = chosen ?? firstOf(items)
  return (
    <ListAndDetail
      label="Objects of the plan"
      shown={shown}
      list={
        <PlanList
          items={items}
          selected={selected}
          onSelect={choose}
          aside={(item) => <Answered item={item} />}
        />
      }
    >
      {selected === null ? (
        <p className="p-4 text-dense text-text-muted">Choose an object to see what is known of it.</p>
      ) : (
        <PlanDetail item={selected} over={over} ofSaved={ofSaved} onBack={() => setShown('list')} />
      )}
    </ListAndDetail>
  )
}
