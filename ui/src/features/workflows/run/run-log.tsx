import { LogPanel } from '@/components/log/log-panel'
import { useGraph, useRun, useWorkflow } from '../open/hooks'
import { useOpenWorkflow } from '../open/open-workflow'

/** What the newest run has said. */
export function RunLog() {
  const workflow = useWorkflow()
  const { nameOf } = useGraph()
  const { show } = useOpenWorkflow()
  const logs = useRun((state) => state.logs)
  const version = useRun((state) => state.head?.version ?? null)
  if (logs.length === 0) {
    return (
      <p className="p-4 text-dense text-text-muted">
        No run has said anything yet. Press Run to see its log here.
      </p>
    )
  }
  return (
    <LogPanel
      logs={logs}
      nameOf={nameOf}
      onNode={(id) => show(id, 'status')}
      fileName={`${workflow.name}-v${version ?? 0}.log`}
    />
  )
}
