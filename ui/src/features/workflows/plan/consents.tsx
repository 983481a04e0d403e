import { useState, type ReactNode } from 'react'
import { TypedName } from '@/components/form/typed-name'
import { Button } from '@/components/ui/button'
import { Checkbox } from '@/components/ui/input'
import { count } from '@/lib/format/numbers'
import { usePlan } from '../open/hooks'
import { useOpenWorkflow } from '../open/open-workflow'
import type { PlanItem } from '@/components/objects/plan-item'
import { dispatchPlan } from '../open/plans/plan-store'

/** What a person is asked about one object. Each object is asked for by itself; nothing is agreed to in general. */
export function Consents({ item }: { item: PlanItem }) {
  switch (item.needs) {
    case '':
      return null
    case 'takeover':
      return <TakeOver item={item} />
    case 'adopt':
      return (
        <Asked>
          <Agree
            item={item}
            label="Adopt it"
            help="It becomes this workflow's: runs change it, and once its node is deleted it is removed. What that changes is seen after planning again."
          />
        </Asked>
      )
    case 'replace':
      return (
        <Asked>
          <Agree
            item={item}
            label="Replace it"
            help="It is deleted and made again. What runs in it is away meanwhile."
          />
        </Asked>
      )
    case 'delete':
      return <DeleteData key={item.object} item={item} />
  }
}

function Asked({ children }: { children: ReactNode }) {
  return <div className="grid gap-2.5 rounded-control border border-line-strong p-3">{children}</div>
}

function useAnswer({ object }: PlanItem): [boolean, (given: boolean) => void] {
  const { stores } = useOpenWorkflow()
  const given = usePlan((state) => state.answers[object] === true)
  return [given, (next) => dispatchPlan(stores.plan, { type: 'answer', object, given: next })]
}

function Agree({ item, label, help }: { item: PlanItem; label: string; help: string }) {
  const [given, answer] = useAnswer(item)
  return (
    <Checkbox label={label} help={help} checked={given} onChange={(event) => answer(event.target.checked)} />
  )
}

function TakeOver({ item }: { item: PlanItem }) {
  const managers = [...new Set(item.conflicts.map(({ manager }) => manager))].join(', ')
  return (
    <Asked>
      <table className="w-full text-left text-dense">
        <caption className="sr-only">Fields that somebody else manages</caption>
        <thead className="text-meta text-text-muted">
          <tr>
            <th className="pb-1 font-medium">Field</th>
            <th className="pb-1 pl-3 font-medium">Managed by</th>
          </tr>
        </thead>
        <tbody>
          {item.conflicts.map(({ field, manager }) => (
            <tr key={`${field} ${manager}`} className="align-top">
              <td className="font-mono text-mono wrap-anywhere">{field}</td>
              <td className="pl-3 font-medium wrap-anywhere">{manager}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <Agree
        item={item}
        label={`Take over ${count(item.conflicts.length, 'field')}`}
        help={`Set as the graph says, and managed by this workflow from then on. What ${managers} has set is lost.`}
      />
    </Asked>
  )
}

/** Data goes only when somebody has typed what it is called. */
function DeleteData({ item }: { item: PlanItem }) {
  const [given, answer] = useAnswer(item)
  const [typed, setTyped] = useState('')
  if (given) {
    return (
      <Asked>
        <p className="text-dense font-medium text-status-bad">
          {item.object} is deleted with what is in it. That cannot be undone.
        </p>
        <Button
          className="justify-self-start"
          onClick={() => {
            answer(false)
            setTyped('')
          }}
        >
          Keep it after all
        </Button>
      </Asked>
    )
  }
  return (
    <Asked>
      <form
        className="grid gap-2.5"
        onSubmit={(event) => {
          event.preventDefault()
          if (typed === item.name) answer(true)
        }}
      >
        <TypedName
          label={`To delete it too, type ${item.name}`}
          help="What is in it is lost. That cannot be undone."
          value={typed}
          onChange={setTyped}
        />
        <Button
          type="submit"
          variant="danger"
          className="justify-self-start"
          refused={typed !== item.name && `Type ${item.name} first.`}
        >
          Delete data too
        </Button>
      </form>
    </Asked>
  )
}
