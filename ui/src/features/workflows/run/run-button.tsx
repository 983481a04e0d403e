import { Play, RotateCw } from 'lucide-react'
import { Button } from '@/components/ui/button'
import { useOpenWorkflow, useRun } from '../open/open-workflow'
import { isActive } from '../open/runs/machine'
import { isPlan } from '@/api/read-run'
import type { RunActions } from '../open/runs/use-run-actions'

/** Starts a run of the graph as it is saved. */
export function RunButton({ actions }: { actions: RunActions }) {
  const { workflow, graph } = useOpenWorkflow()
  const active = useRun(isActive)
  const starting = useRun((state) => state.stage === 'starting')
  const again = useRun(
    ({ stage, head }) => (stage === 'failed' || stage === 'cancelled') && !(head !== null && isPlan(head)),
  )
  const refused =
    (active && !starting && 'A run is under way. Cancel it first, or wait for its end.') ||
    (workflow.status === 'archived' && 'An archived workflow does not run. Unarchive it first.') ||
    (workflow.cluster_id === null && 'Choose a cluster for this workflow first.') ||
    (graph.nodes.length === 0 && 'There is nothing to run yet.')
  return (
    <Button
      variant="primary"
      icon={again ? RotateCw : Play}
      busy={starting}
      refused={refused}
      onClick={() => void actions.run()}
    >
      {again ? 'Run again' : 'Run'}
    </Button>
  )
}
