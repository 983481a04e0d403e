import { ClipboardList, OctagonX, Play } from 'lucide-react'
import { Button } from '@/components/ui/button'
import { useGraph } from '../open/hooks'
import { useOpenWorkflow } from '../open/open-workflow'
import type { Refusal } from '../open/runs/following'

interface RefusedProps {
  refusal: Refusal
  /** The node that is to blame. */
  blamed?: string | null
  onAgain: () => void
}

/** Why there is no plan, and what can be done about it. */
export function Refused({ refusal, blamed = null, onAgain }: RefusedProps) {
  const { nameOf } = useGraph()
  const { show, plans, runs } = useOpenWorkflow()
  const { runId = null, issues } = refusal
  const lead = (nodeId: string) => {
    plans.show(null)
    show(nodeId, 'configure')
  }
  return (
    <section role="alert" className="flex flex-col items-center overflow-y-auto px-6 py-14 text-center">
      <span className="grid size-12 shrink-0 place-items-center rounded-card bg-status-bad-bg text-status-bad">
        <OctagonX aria-hidden size={22} strokeWidth={1.75} />
      </span>
      <h3 className="mt-4 text-title font-semibold">It could not be planned</h3>
      <p className="mt-1 max-w-lg text-body text-balance wrap-anywhere text-text-muted">{refusal.message}</p>
      {issues.length > 0 && (
        <ul className="mt-4 grid w-full max-w-lg gap-1.5 text-left text-dense">
          {issues.map((issue) => (
            <li
              key={`${issue.node_id ?? ''} ${issue.path ?? ''} ${issue.code}`}
              className="rounded-control border border-line px-3 py-1.5"
            >
              {issue.node_id != null && (
                <button
                  type="button"
                  onClick={() => issue.node_id != null && lead(issue.node_id)}
                  className="mr-1.5 font-semibold underline underline-offset-2"
                >
                  {nameOf(issue.node_id)}
                </button>
              )}
              {issue.message}
            </li>
          ))}
        </ul>
      )}
      <div className="mt-5 flex flex-wrap justify-center gap-2">
        {blamed !== null && <Button onClick={() => lead(blamed)}>Show {nameOf(blamed)}</Button>}
        {runId !== null && (
          <Button
            icon={Play}
            onClick={() => {
              plans.show(null)
              void runs.join(runId)
            }}
          >
            See that run
          </Button>
        )}
        <Button variant="primary" icon={ClipboardList} onClick={onAgain}>
          Plan again
        </Button>
      </div>
    </section>
  )
}
