import { CircleCheck, Play } from 'lucide-react'
import { Button } from '@/components/ui/button'
import { Banner } from '@/components/ui/panels'
import { Time } from '@/components/ui/time'
import { usePlan } from '../open/hooks'
import { isPlan, type RunHead } from '@/api/read-run'

interface RemarksProps {
  head: RunHead
  expired: boolean
  /** The graph was saved since. */
  outdated: boolean
  nothing: boolean
  /** Show the run that is in the way. */
  onJoin: () => void
}

/** What is to be known of a plan as a whole. */
export function Remarks({ head, expired, outdated, nothing, onJoin }: RemarksProps) {
  const problem = usePlan((state) => state.problem)
  return (
    <div className="grid shrink-0 gap-2 border-b border-line px-4 py-2.5 empty:hidden">
      {!isPlan(head) && <History head={head} />}
      {problem !== null && (
        <Banner
          tone="bad"
          alert
          action={
            problem.code === 'run-active' && (
              <Button icon={Play} onClick={onJoin}>
                See that run
              </Button>
            )
          }
        >
          It was not applied. {problem.message}
        </Banner>
      )}
      {expired && (
        <Banner tone="warn">This plan is too old: the cluster may have changed since. Plan again.</Banner>
      )}
      {outdated && !expired && (
        <Banner tone="warn">
          The graph was saved since. This plan is of v{head.version}; plan again to have the changes in it.
        </Banner>
      )}
      {nothing && isPlan(head) && (
        <p className="flex items-center gap-2.5 text-dense font-medium text-status-ok">
          <CircleCheck aria-hidden size={16} className="shrink-0" />
          Nothing to do: the cluster is as the graph says.
        </p>
      )}
    </div>
  )
}

/** What became of a plan that was confirmed. */
function History({ head }: { head: RunHead }) {
  if (head.status === 'failed')
    return <Banner tone="bad">This plan was confirmed, and its run failed. {head.error?.message}</Banner>
  return (
    <Banner>
      This plan was confirmed {head.confirmedAt !== null && <Time at={head.confirmedAt} />}
      {head.status === 'cancelled' ? ', and its run was cancelled.' : ', and applied.'}
    </Banner>
  )
}
