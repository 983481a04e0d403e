import { ClipboardList } from 'lucide-react'
import { useEffect } from 'react'
import { Button } from '@/components/ui/button'
import { useGraph, usePlan, useRun, useWorkflow } from '../open/hooks'
import { isActive } from '../open/runs/run-state'
import { useOpenWorkflow } from '../open/open-workflow'

/** Asks the cluster what a run would do; by Ctrl or ⌘ with Enter as well. */
export function PlanButton() {
  const { plans } = useOpenWorkflow()
  const workflow = useWorkflow()
  const { graph } = useGraph()
  const active = useRun(isActive)
  const asking = usePlan((state) => state.asking)
  const refused =
    (active && !asking && 'A run is under way. Cancel it first, or wait for its end.') ||
    (workflow.status === 'archived' && 'An archived workflow does not run. Unarchive it first.') ||
    (workflow.cluster_id === null && 'Choose a cluster for this workflow first.') ||
    (graph.nodes.length === 0 && workflow.deployed_version === null && 'There is nothing to plan yet.')
  const ready = refused === false && !asking
  useEffect(() => {
    if (!ready) return
    const pressed = (event: KeyboardEvent) => {
      if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey) || event.defaultPrevented) return
      // a dialog that is open has the keys
      if (document.querySelector('[role="dialog"], [role="alertdialog"]') !== null) return
      event.preventDefault()
      void plans.plan()
    }
    document.addEventListener('keydown', pressed)
    return () => document.removeEventListener('keydown', pressed)
  }, [ready, plans])
  return (
    <Button
      icon={ClipboardList}
      busy={asking}
      refused={refused}
      aria-keyshortcuts="Control+Enter Meta+Enter"
      title="See what a run would do (Ctrl Enter)"
      onClick={() => void plans.plan()}
      className="max-sm:w-control max-sm:px-0"
    >
      <span className="max-sm:sr-only">Plan</span>
    </Button>
  )
}
