import { Check } from 'lucide-react'
import type { PlanItem } from '@/components/objects/plan-item'
import { cx } from '@/lib/format/classes'
import { usePlan } from '../open/hooks'

const ASKED: Record<PlanItem['needs'], string> = {
  '': '',
  takeover: 'Take over?',
  adopt: 'Adopt?',
  replace: 'Replace?',
  delete: '',
}
const GIVEN: Record<PlanItem['needs'], string> = {
  '': '',
  takeover: 'Take over',
  adopt: 'Adopt',
  replace: 'Replace',
  delete: 'Delete',
}

/** What a person is asked about an object, and that they have answered. */
export function Answered({ item }: { item: PlanItem }) {
  const given = usePlan((state) => state.answers[item.object] === true)
  const words = given ? GIVEN[item.needs] : ASKED[item.needs]
  if (words === '') return null
  return (
    <span
      className={cx(
        'inline-flex shrink-0 items-center gap-1 text-meta font-medium',
        given ? 'text-status-ok' : 'text-status-bad',
      )}
    >
      {given && <Check aria-hidden size={13} />}
      {words}
    </span>
  )
}
