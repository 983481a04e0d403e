import { Play, RotateCw } from 'lucide-react'
import { Button } from '@/components/ui/button'
import { useGraph, useRun, useWorkflow } from '../open/hooks'
import { isActive } from '../open/runs/run-state'
import { isPlan } from '@/api/read-run'
import { useOpenWorkflow } from '../open/open-workflow'

/** Starts a run of the graph as it is saved. */
export function RunButton() {
  const { runs } = useOpenWorkflow()
  const workflow = useWorkflow()
  const { graph } = useGraph()
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
      onClick={() => void runs.run()}
    >
      {again ? 'Run again' : 'Run'}
    </Button>
  )
}
