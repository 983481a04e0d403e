import {
  ArchiveRestore,
  ChevronDown,
  ClipboardList,
  ListEnd,
  RotateCw,
  ScrollText,
  Square,
  Undo2,
  X,
} from 'lucide-react'
import { Button, IconButton } from '@/components/ui/button'
import { Menu, MenuItem } from '@/components/ui/menu'
import { useRun, useWorkflow } from '../open/hooks'
import { useOpenWorkflow } from '../open/open-workflow'
import { isActive, type RunState } from '../open/runs/run-state'
import { isPlan, type RunHead } from '@/api/read-run'
import { hasRemoved, wayBack } from '../open/runs/describe-run'

export interface RunButtonsProps {
  onShowLog: () => void
  onShowRemoved: (runId: string) => void
}

/** What can be done with the newest run as it is. */
export function RunButtons(props: RunButtonsProps) {
  const open = useOpenWorkflow()
  const run = useRun((state) => state)
  const { head } = run
  const active = isActive(run)
  return (
    <div className="ml-auto flex flex-wrap items-center justify-end gap-1">
      {head !== null && <OfHead run={run} head={head} {...props} />}
      {!active && run.stage !== 'planned' && (
        <IconButton icon={X} label="Close" onClick={() => open.run.dispatch({ type: 'dismiss' })} />
      )}
    </div>
  )
}

interface OfHeadProps extends RunButtonsProps {
  run: RunState
  head: RunHead
}

function OfHead({ run, head, onShowLog, onShowRemoved }: OfHeadProps) {
  const { plans, runs } = useOpenWorkflow()
  if (run.stage === 'planned') {
    return (
      <>
        <Button variant="ghost" onClick={() => void plans.discard(head.id)}>
          Discard
        </Button>
        <Button icon={ClipboardList} onClick={() => plans.show(head.id)}>
          Look at the plan
        </Button>
      </>
    )
  }
  return (
    <>
      <Button variant="ghost" icon={ScrollText} onClick={onShowLog}>
        Log
      </Button>
      {!isActive(run) && hasRemoved(run.nodes) && (
        <Button
          variant="ghost"
          icon={ArchiveRestore}
          title="What it was, and how it comes back"
          onClick={() => onShowRemoved(head.id)}
        >
          What was removed
        </Button>
      )}
      {isActive(run) && !isPlan(head) && run.waiting.length === 0 && head.kind !== 'teardown' && (
        <Button
          variant="ghost"
          icon={ListEnd}
          title="What is saved now runs once this run has ended."
          onClick={() => void runs.runAfter()}
        >
          Run after it
        </Button>
      )}
      {isActive(run) && <CancelButton run={run} head={head} />}
      {run.stage === 'failed' && <AfterFailure head={head} />}
    </>
  )
}

/** Cancelling, and where something was deployed before, the way back to it. */
function CancelButton({ run, head }: { run: RunState; head: RunHead }) {
  const { runs } = useOpenWorkflow()
  const workflow = useWorkflow()
  const back = wayBack(head, workflow.deployed_version)
  if (back === null || run.cancelling) {
    return (
      <Button
        icon={Square}
        busy={run.cancelling}
        title={isPlan(head) ? 'Nothing was changed.' : 'What was applied stays on the cluster.'}
        onClick={() => void runs.cancel()}
      >
        {run.cancelling ? 'Cancelling' : 'Cancel'}
      </Button>
    )
  }
  return (
    <Menu
      trigger={
        <Button icon={Square}>
          Cancel <ChevronDown aria-hidden size={14} />
        </Button>
      }
    >
      <MenuItem icon={Square} onSelect={() => void runs.cancel()}>
        Cancel; what was applied stays
      </MenuItem>
      <MenuItem icon={Undo2} onSelect={() => void runs.cancel(true)}>
        Cancel and go back to v{back}
      </MenuItem>
    </Menu>
  )
}

function AfterFailure({ head }: Pick<OfHeadProps, 'head'>) {
  const { plans, runs } = useOpenWorkflow()
  const workflow = useWorkflow()
  const back = wayBack(head, workflow.deployed_version)
  // done again as it is, it would do what nobody has looked at
  const plan = head.error?.code === 'plan-changed' || isPlan(head)
  return (
    <>
      {back !== null && (
        <Button
          variant="ghost"
          icon={Undo2}
          onClick={() => void plans.plan({ kind: 'rollback', version: back })}
        >
          Roll back to v{back}
        </Button>
      )}
      {plan ? (
        <Button
          icon={ClipboardList}
          onClick={() =>
            void plans.plan(
              head.kind === 'rollback' ? { kind: 'rollback', version: head.version } : undefined,
            )
          }
        >
          Plan again
        </Button>
      ) : (
        <Button
          icon={RotateCw}
          title={`v${head.version} once more, with the same options`}
          onClick={() => void runs.retry()}
        >
          Retry
        </Button>
      )}
    </>
  )
}
