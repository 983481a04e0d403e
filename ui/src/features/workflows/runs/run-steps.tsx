import type { RunNode } from '@/api/read-run'
import { StatusMark } from '@/components/status/status-mark'
import { formatDuration } from '@/lib/time/time'
import { useNow } from '@/lib/time/use-now'
import { stepsOf, type Step } from './describe'

interface RunStepsProps {
  nodes: Readonly<Record<string, RunNode>>
  nameOf: (nodeId: string) => string
}

/** What was done with each node, in the order in which it was begun, over the time that all of it took. */
export function RunSteps({ nodes, nameOf }: RunStepsProps) {
  const now = useNow(1_000)
  const steps = stepsOf(nodes, now)
  if (steps.length === 0)
    return <p className="text-dense text-text-muted">Nothing was begun with any node.</p>
  return (
    <ol aria-label="Steps" className="divide-y divide-line rounded-card border border-line bg-surface">
      {steps.map((step) => (
        <li
          key={step.nodeId}
          className="grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-4 gap-y-1 px-4 py-2 sm:grid-cols-[minmax(0,2fr)_7rem_minmax(0,3fr)]"
        >
          <p className="min-w-0">
            <span className="block truncate text-body font-medium">{nameOf(step.nodeId)}</span>
            {step.node.message !== '' && (
              <span className="block text-meta wrap-anywhere text-text-muted">{step.node.message}</span>
            )}
          </p>
          <StatusMark state={step.node.state} className="justify-self-start" />
          <Bar step={step} now={now} />
        </li>
      ))}
    </ol>
  )
}

function Bar({ step: { node, bar }, now }: { step: Step; now: number }) {
  if (bar === null || node.startedAt === null) return <span className="max-sm:hidden" />
  const ended = node.finishedAt === null ? now : Date.parse(node.finishedAt)
  return (
    <div className="col-span-2 flex items-center gap-3 sm:col-span-1">
      <span aria-hidden className="relative h-1.5 grow overflow-hidden rounded-full bg-sunken">
        <span
          style={{ left: `${bar.from * 100}%`, width: `${bar.length * 100}%` }}
          className="absolute inset-y-0 min-w-1 rounded-full bg-line-strong"
        />
      </span>
      <span className="tabular w-20 shrink-0 text-right text-meta text-text-muted">
        {formatDuration(ended - Date.parse(node.startedAt))}
      </span>
    </div>
  )
}
