import { useEffect } from 'react'
import { StatusMark } from '@/components/status/status-mark'
import { Time } from '@/components/ui/time'
import { Button } from '@/components/ui/button'
import { announce } from '@/lib/a11y/announce'
import { cx } from '@/lib/format/classes'
import { formatDuration } from '@/lib/time/time'
import { useNow } from '@/lib/time/use-now'
import { useGraph, useRun } from '../open/hooks'
import { useOpenWorkflow } from '../open/open-workflow'
import { Clamped } from './clamped'
import { isActive, type RunState } from '../open/runs/run-state'
import { isPlan } from '@/api/read-run'
import { RunButtons, type RunButtonsProps } from './run-buttons'
import { aimOf, awaited, countsOf, elapsedOf, intentOf, summaryOf, wordOf } from '../open/runs/describe-run'

interface RunBarProps extends RunButtonsProps {
  /** The run whose plan is looked at elsewhere: that says all of it. */
  shownId: string | null
}

/** The newest run in one line: how far it is, what it waits for, how it ended and why. */
export function RunBar({ shownId, ...buttons }: RunBarProps) {
  const run = useRun((state) => state)
  useRunSpoken(run)
  if (run.head !== null && run.head.id === shownId && isPlan(run.head)) return null
  if (run.dismissed || (run.head === null && run.stage !== 'starting' && run.refusal === null)) return null
  const active = isActive(run)
  const bad = run.stage === 'failed' || (run.refusal !== null && !active)
  return (
    <section
      aria-label="Run"
      className={cx(
        'pointer-events-auto animate-panel-in overflow-hidden rounded-card border bg-raised shadow-float',
        bad ? 'border-status-bad' : 'border-line',
      )}
    >
      <div className="flex flex-wrap items-start gap-x-3 gap-y-1.5 py-2 pr-2 pl-3">
        <span className="flex h-control shrink-0 items-center max-sm:grow">
          {run.refusal === null || active ? (
            <Progress run={run} />
          ) : (
            <StatusMark state="failed" word="Did not start" />
          )}
        </span>
        <div className="min-h-8 min-w-0 flex-1 py-1.5 text-dense sm:min-w-60 max-sm:order-last max-sm:w-full max-sm:flex-none max-sm:py-0">
          <Words key={`${run.head?.id ?? ''} ${run.stage}`} run={run} />
        </div>
        <RunButtons {...buttons} />
      </div>
      {active && <Track run={run} />}
      {run.waiting.length > 0 && <Waiting />}
    </section>
  )
}

function Progress({ run }: { run: RunState }) {
  const word = wordOf(run)
  return (
    <StatusMark
      state={word === 'starting' ? 'queued' : word}
      word={word === 'starting' ? 'Starting' : undefined}
    />
  )
}

function Words({ run }: { run: RunState }) {
  const { nameOf } = useGraph()
  const { show } = useOpenWorkflow()
  const node = (nodeId: string) => (
    <button
      type="button"
      onClick={() => show(nodeId, 'status')}
      className="font-semibold underline-offset-2 hover:underline"
    >
      {nameOf(nodeId)}
    </button>
  )
  if (run.refusal !== null && !isActive(run)) return <Clamped>{run.refusal.message}</Clamped>
  switch (run.stage) {
    case 'failed': {
      const { error } = run.head ?? {}
      return (
        <Clamped>
          {error?.nodeId != null && <>{node(error.nodeId)}: </>}
          {error?.message ?? 'The run failed.'} <Muted run={run} />
        </Clamped>
      )
    }
    case 'completed':
      return (
        <Clamped>
          {summaryOf(run.head?.planSummary ?? {}) || 'Nothing had to be changed'} <Muted run={run} />
        </Clamped>
      )
    case 'planned':
      return (
        <Clamped>
          {intentOf(run.head?.planSummary ?? {}) || 'Nothing to do'}.{' '}
          <span className="text-text-muted">Nothing is changed before you apply it.</span>
        </Clamped>
      )
    case 'cancelled':
      return (
        <Clamped>
          {run.goingBack
            ? 'It goes back to what was deployed before.'
            : 'What was applied before stays on the cluster.'}{' '}
          <Muted run={run} />
        </Clamped>
      )
    case 'idle':
    case 'starting':
    case 'queued':
    case 'running': {
      const [first, ...others] = awaited(run)
      return (
        <Clamped>
          <Counts run={run} />
          {first !== undefined && (
            <>
              {' · '}
              {node(first.nodeId)}: {first.message || 'waiting'}
              {first.since !== null && <Since at={first.since} />}
              {others.length > 0 && <span className="text-text-muted"> and {others.length} more</span>}
            </>
          )}
          {run.cancelling && (
            <>
              {' · '}
              <span className="text-text-muted">
                {run.goingBack ? 'What was deployed before comes back.' : 'What was applied stays.'}
              </span>
            </>
          )}
        </Clamped>
      )
    }
  }
}

function Muted({ run }: { run: RunState }) {
  const { head } = run
  if (head === null) return null
  return (
    <span className="tabular text-text-muted">
      {aimOf(head)}, {formatDuration(elapsedOf(run, 0))}
    </span>
  )
}

function Counts({ run }: { run: RunState }) {
  const now = useNow(1_000)
  const { done, failed, total } = countsOf(run)
  return (
    <span className="tabular text-text-muted">
      {run.head !== null && <>{aimOf(run.head)} · </>}
      {formatDuration(elapsedOf(run, now))}
      {total > 0 && ` · ${done} of ${total} ready`}
      {failed > 0 && ` · ${failed} failed`}
    </span>
  )
}

function Since({ at }: { at: string }) {
  const now = useNow(1_000)
  return (
    <span className="tabular text-text-muted"> · {formatDuration(Math.max(0, now - Date.parse(at)))}</span>
  )
}

/** Runs in the queue, which can be taken out of it. */
function Waiting() {
  const { runs } = useOpenWorkflow()
  const waiting = useRun((state) => state.waiting)
  return (
    <ul aria-label="Runs that wait" className="border-t border-line">
      {waiting.map((head) => (
        <li key={head.id} className="flex min-h-9 items-center gap-3 py-0.5 pr-2 pl-3 text-dense">
          <StatusMark state="queued" word="Waits" variant="plain" />
          <span className="min-w-0 grow truncate text-text-muted">
            {aimOf(head)} runs after this one, asked for by {head.triggeredBy || 'nobody known'}{' '}
            <Time at={head.createdAt} />
          </span>
          <Button variant="ghost" onClick={() => void runs.withdraw(head.id)}>
            Do not run it
          </Button>
        </li>
      ))}
    </ul>
  )
}

/** How far it is, as a line; while nothing can be counted it only shows that something is under way. */
function Track({ run }: { run: RunState }) {
  const { done, failed, total } = countsOf(run)
  const part = total === 0 ? 0.08 : Math.max(0.08, (done + failed) / total)
  return (
    <div aria-hidden className="h-0.5 bg-sunken">
      <div
        className="h-full bg-status-busy transition-[width] duration-200"
        style={{ width: `${part * 100}%` }}
      />
    </div>
  )
}

/** Say how a run goes to those who do not see it. */
function useRunSpoken({ stage, head }: RunState): void {
  const { nameOf } = useGraph()
  const id = head?.id
  const blamed = head?.error?.nodeId
  const reason = head?.error?.message ?? ''
  const name = blamed == null ? '' : `${nameOf(blamed)}: `
  const plan = head !== null && isPlan(head)
  useEffect(() => {
    if (id === undefined) return
    if (stage === 'failed') announce(`The run failed. ${name}${reason}`, 'assertive')
    else if (plan) announce(stage === 'planned' ? 'The plan is ready' : 'Planning')
    else if (stage !== 'idle') announce(`Run ${stage}`)
    // a run is spoken of when its stage changes, not when its words do
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [id, stage])
}
