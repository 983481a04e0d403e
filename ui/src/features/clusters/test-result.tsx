import { CircleCheck, CircleMinus, OctagonX, type LucideIcon } from 'lucide-react'
import { cx } from '@/lib/format/classes'
import type { ConnectionTest } from '@/api/clusters'

const LOOKS: Record<
  ConnectionTest['checks'][number]['state'],
  { icon: LucideIcon; word: string; tone: string }
> = {
  pass: { icon: CircleCheck, word: 'Passed', tone: 'text-status-ok' },
  fail: { icon: OctagonX, word: 'Failed', tone: 'text-status-bad' },
  skip: { icon: CircleMinus, word: 'Not tried', tone: 'text-status-idle' },
}

/** Every check of a connection test, with what to do about those that failed. */
export function TestResult({ test }: { test: ConnectionTest }) {
  return (
    <section aria-label="Connection test" className="rounded-card border border-line">
      <div role="status" className="border-b border-line px-4 py-2.5">
        <h2 className="text-dense font-medium">
          {test.ok ? 'The cluster can be used' : 'The cluster cannot be used like this'}
        </h2>
      </div>
      <ul>
        {test.checks.map(({ id, title, state, detail, remedy }) => {
          const { icon: Icon, word, tone } = LOOKS[state]
          return (
            <li key={id} className="flex gap-3 border-t border-line px-4 py-2.5 first:border-t-0">
              <Icon aria-hidden size={16} className={cx('mt-0.5 shrink-0', tone)} />
              <div className="min-w-0 text-dense">
                <p>
                  <span className="font-medium">{title}</span>{' '}
                  <span className={cx('text-meta font-medium', tone)}>{word}</span>
                </p>
                {detail && <p className="break-words text-text-muted">{detail}</p>}
                {remedy && <p className="mt-0.5 break-words">{remedy}</p>}
              </div>
            </li>
          )
        })}
      </ul>
    </section>
  )
}
