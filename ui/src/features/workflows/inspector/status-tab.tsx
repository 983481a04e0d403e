import { Stethoscope } from 'lucide-react'
import { lookOf } from '@/components/status/states'
import { StatusMark } from '@/components/status/status-mark'
import { Button } from '@/components/ui/button'
import { CopyButton } from '@/components/ui/copy-button'
import { Banner } from '@/components/ui/panels'
import { Time } from '@/components/ui/time'
import { isPresent } from '@/lib/schema/conditions'
import { plain } from '../graph/card'
import { typeOf } from '../graph/graph'
import type { GraphNode } from '../graph/types'
import { useGraph, useIssues, useRun, useStatus } from '../open/hooks'
import { staleSinceOf } from '../open/status'
import type { NodeStatus } from '@/api/read-status'
import { isActive } from '../open/runs/run-state'
import { Nothing, Part, Row, Rows } from '@/components/objects/part'

interface StatusTabProps {
  node: GraphNode
  /** Show why it is so; null where nothing can tell. */
  onDiagnose: (() => void) | null
}

/** How the node is: what was observed, when, and what the newest run did with it. */
export function StatusTab({ node, onDiagnose }: StatusTabProps) {
  const status = useStatus((state) => state.statuses[node.id])
  const unheard = useStatus((state) => state.unheardSince)
  const issues = useIssues()
  const { catalogue } = useGraph()
  const { availability } = typeOf(node, catalogue) ?? {}
  const own = issues.filter((issue) => issue.node_id === node.id)
  return (
    <>
      {own.length > 0 && (
        <ul className="mb-4 grid gap-2">
          {own.map((issue) => (
            <li key={`${issue.path ?? ''} ${issue.code}`}>
              <Banner tone={issue.severity === 'warning' ? 'warn' : 'bad'}>
                {issue.message}
                {issue.remedy && <span className="block">{issue.remedy.text}</span>}
              </Banner>
            </li>
          ))}
        </ul>
      )}
      {availability?.reason && availability.state !== 'ok' && (
        <div className="mb-4">
          <Banner tone={availability.state === 'unknown' ? 'info' : 'warn'}>{availability.reason}</Banner>
        </div>
      )}
      {status === undefined ? (
        <>
          <StatusMark state="not_deployed" />
          <p className="mt-2 text-dense text-text-muted">
            It is not on the cluster yet. Run the workflow to bring it there.
          </p>
        </>
      ) : (
        <Observed status={status} staleSince={staleSinceOf(status, unheard)} onDiagnose={onDiagnose} />
      )}
      <LastRun nodeId={node.id} />
    </>
  )
}

interface ObservedProps extends Pick<StatusTabProps, 'onDiagnose'> {
  status: NodeStatus
  staleSince: string | null
}

function Observed({ status, staleSince, onDiagnose }: ObservedProps) {
  const counted = status.desired === null ? '' : `${status.ready ?? 0} of ${status.desired} ready`
  const said = withoutCount(status.message, counted)
  const details = Object.entries(status.details).filter(([, value]) => isPresent(value))
  return (
    <>
      <div className="flex flex-wrap items-center gap-3">
        <StatusMark state={status.state} staleSince={staleSince} />
        {counted !== '' && <span className="tabular text-dense text-text-muted">{counted}</span>}
      </div>
      {said !== '' && <p className="mt-2 text-dense wrap-anywhere">{said}</p>}
      {onDiagnose !== null && !isGood(status.state) && (
        <Button icon={Stethoscope} className="mt-2.5" onClick={onDiagnose}>
          Why?
        </Button>
      )}
      <Part title="Observed">
        <Rows>
          {status.address !== null && (
            <Row label="Address" mono>
              <span className="-my-1.5 flex items-center justify-between gap-2">
                {status.address}
                <CopyButton text={status.address} label={`Copy address ${status.address}`} />
              </span>
            </Row>
          )}
          {status.reason !== '' && <Row label="Reason">{status.reason}</Row>}
          {details.map(([name, value]) => (
            <Row key={name} label={wordsOf(name)}>
              {plain(value)}
            </Row>
          ))}
          <Row label="Changed">
            <Time at={status.observedAt} />
          </Row>
        </Rows>
      </Part>
      <Part title="Objects">
        {status.objects.length === 0 ? (
          <Nothing>None.</Nothing>
        ) : (
          <ul className="divide-y divide-line rounded-control border border-line">
            {status.objects.map((item) => (
              <li
                key={`${item.kind} ${item.namespace ?? ''} ${item.name}`}
                className="flex items-center justify-between gap-3 px-3 py-1.5 text-dense"
              >
                <span className="min-w-0 truncate" title={item.apiVersion}>
                  <span className="text-text-muted">{item.kind}</span>{' '}
                  {item.namespace === null ? '' : `${item.namespace}/`}
                  {item.name}
                </span>
                {!item.isThere && <StatusMark state="missing" variant="plain" />}
              </li>
            ))}
          </ul>
        )}
      </Part>
    </>
  )
}

/** What the count has said already is not said again. */
function withoutCount(message: string, counted: string): string {
  return counted !== '' && message.startsWith(`${counted}.`)
    ? message.slice(counted.length + 1).trim()
    : message
}

/** What went well says nothing more: its words are those of a moment before. */
function isGood(state: string): boolean {
  return lookOf(state).tone === 'ok'
}

function LastRun({ nodeId }: { nodeId: string }) {
  const step = useRun((state) => state.nodes[nodeId])
  const head = useRun((state) => state.head)
  const active = useRun(isActive)
  if (step === undefined || head === null) return null
  const at = step.finishedAt ?? step.startedAt
  return (
    <Part title={active ? `In this run (v${head.version})` : `In the last run (v${head.version})`}>
      <div className="flex flex-wrap items-center gap-3">
        <StatusMark state={step.state} />
        {at !== null && <Time at={at} className="text-meta text-text-muted" />}
      </div>
      {step.message !== '' && !isGood(step.state) && (
        <p className="mt-2 text-dense wrap-anywhere">{step.message}</p>
      )}
    </Part>
  )
}

/** `cluster_ip` is "Cluster IP". */
function wordsOf(name: string): string {
  const text = name.replaceAll('_', ' ').replace(/\bip\b/, 'IP')
  return text.charAt(0).toUpperCase() + text.slice(1)
}
