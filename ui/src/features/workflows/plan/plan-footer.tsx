import { ChevronDown, Play, RotateCw } from 'lucide-react'
import { useState } from 'react'
import { Button } from '@/components/ui/button'
import { Field } from '@/components/ui/field'
import { Checkbox, Input } from '@/components/ui/input'
import { cx } from '@/lib/format/classes'
import { count } from '@/lib/format/numbers'
import { formatDuration } from '@/lib/time/time'
import { useNow } from '@/lib/time/use-now'
import { usePlan } from '../open/hooks'
import { useOpenWorkflow } from '../open/open-workflow'
import { type Verdict } from './consent'
import { LEAST_SECONDS, MOST_SECONDS, sameOptions, USUAL } from '../open/plans/options'
import { dispatchPlan } from '../open/plans/plan-store'

interface PlanFooterProps {
  verdict: Verdict
  /** Where it is applied: "local / shop". */
  place: string
  expiresAt: string | null
  answered: number
  onApply: () => void
  onAgain: () => void
  onDiscard: () => void
}

/** What is done with the plan as a whole. */
export function PlanFooter(props: PlanFooterProps) {
  const { verdict, place, expiresAt, answered, onApply, onAgain, onDiscard } = props
  const confirming = usePlan((state) => state.confirming)
  const [options, setOptions] = useState(false)
  const apply = `Apply ${count(verdict.changes, 'change')} to ${place}`
  return (
    <footer className="shrink-0 border-t border-line">
      {options && <Options />}
      <div className="flex flex-wrap items-center justify-end gap-2 px-4 py-2.5">
        <div className="flex min-w-0 grow flex-wrap items-center gap-x-3 text-meta text-text-muted">
          <OptionsButton open={options} onOpen={setOptions} />
          {expiresAt !== null && <Expiry at={expiresAt} />}
        </div>
        <Button variant="ghost" onClick={onDiscard}>
          Discard
        </Button>
        {(verdict.again || answered > 0) && (
          <Button
            variant={verdict.again ? 'primary' : 'secondary'}
            icon={RotateCw}
            title={answered > 0 ? 'With what you have agreed to, to see what it changes' : undefined}
            onClick={onAgain}
          >
            Plan again
          </Button>
        )}
        {!verdict.nothing && (
          <Button
            variant={verdict.again ? 'secondary' : 'primary'}
            icon={Play}
            busy={confirming}
            refused={verdict.refused}
            onClick={onApply}
            className="max-w-full"
          >
            <span className="truncate">{apply}</span>
          </Button>
        )}
      </div>
      {verdict.refused !== null && !verdict.nothing && (
        <p className="px-4 pb-2.5 text-right text-meta text-text-muted">{verdict.refused}</p>
      )}
    </footer>
  )
}

function OptionsButton({ open, onOpen }: { open: boolean; onOpen: (open: boolean) => void }) {
  const changed = usePlan((state) => !sameOptions(state.options, USUAL))
  return (
    <Button
      variant="ghost"
      aria-expanded={open}
      aria-controls="plan-options"
      onClick={() => onOpen(!open)}
      className="-ml-3"
    >
      Options{changed && ' (changed)'}
      <ChevronDown aria-hidden size={14} className={cx('transition-transform', open && 'rotate-180')} />
    </Button>
  )
}

function Expiry({ at }: { at: string }) {
  const now = useNow(1_000)
  const left = Date.parse(at) - now
  if (left <= 0) return <span className="font-medium text-status-warn">Too old</span>
  return (
    <span className="tabular">valid for {formatDuration(left < 60_000 ? left : left - (left % 60_000))}</span>
  )
}

/** How runs are done; what is planned already was planned with other ones. */
function Options() {
  const { stores } = useOpenWorkflow()
  const options = usePlan((state) => state.options)
  const change = (values: Partial<typeof options>) =>
    dispatchPlan(stores.plan, { type: 'option', change: values })
  const [seconds, setSeconds] = useState(options.node_seconds === null ? '' : String(options.node_seconds))
  const wrong = seconds !== '' && !isSeconds(seconds)
  return (
    <fieldset id="plan-options" className="grid gap-3 border-b border-line px-4 py-3 @2xl:grid-cols-2">
      <legend className="sr-only">Options of the run</legend>
      <Checkbox
        label="Go back when it fails"
        help="What was deployed before is brought back by a run of its own."
        checked={options.rollback_on_failure}
        onChange={(event) => change({ rollback_on_failure: event.target.checked })}
      />
      <Checkbox
        label="Make namespaces that are missing"
        checked={options.create_namespaces}
        onChange={(event) => change({ create_namespaces: event.target.checked })}
      />
      <div className="max-w-72">
        <Field
          label="Seconds for each node to become ready"
          optional
          error={wrong ? `A whole number from ${LEAST_SECONDS} to ${MOST_SECONDS}.` : undefined}
        >
          {(control) => (
            <Input
              {...control}
              inputMode="numeric"
              placeholder="as the settings say"
              value={seconds}
              onChange={(event) => {
                const text = event.target.value.trim()
                setSeconds(text)
                if (text === '' || isSeconds(text))
                  change({ node_seconds: text === '' ? null : Number(text) })
              }}
            />
          )}
        </Field>
      </div>
    </fieldset>
  )
}

function isSeconds(text: string): boolean {
  return /^\d{1,4}$/.test(text) && Number(text) >= LEAST_SECONDS && Number(text) <= MOST_SECONDS
}
