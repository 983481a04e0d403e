import { Link } from 'react-router-dom'
import type { RunHead } from '@/api/read-run'
import { StatusMark } from '@/components/status/status-mark'
import { Cell, Head, Row, Table } from '@/components/table/table'
import { Time } from '@/components/ui/time'
import { formatDuration } from '@/lib/time/time'
import { useNow } from '@/lib/time/use-now'
import { kindOf, startedBy, stateOf, tookOf } from './describe'

interface RunTableProps {
  runs: readonly RunHead[]
  /** What a workflow is called; left out where all runs are of one. */
  nameOf?: (workflowId: string) => string
}

/** Runs as a table, and as cards where the page is narrow. */
export function RunTable({ runs, nameOf }: RunTableProps) {
  return (
    <>
      <div className="hidden md:block">
        <Table caption="Runs">
          <thead>
            <tr>
              <Head className="w-[16%]">Run</Head>
              {nameOf && <Head>Workflow</Head>}
              <Head className="w-[18%]">State</Head>
              <Head>Started by</Head>
              <Head className="w-32">When</Head>
              <Head className="w-28">Took</Head>
            </tr>
          </thead>
          <tbody>
            {runs.map((run) => (
              <Row key={run.id}>
                <Cell>
                  <RunLink run={run} />
                </Cell>
                {nameOf && (
                  <Cell className="truncate">
                    <WorkflowLink run={run} nameOf={nameOf} />
                  </Cell>
                )}
                <Cell>
                  <State run={run} />
                </Cell>
                <Cell className="truncate">{startedBy(run)}</Cell>
                <Cell className="whitespace-nowrap text-text-muted">
                  <Time at={run.createdAt} />
                </Cell>
                <Cell className="tabular whitespace-nowrap">
                  <Took run={run} />
                </Cell>
              </Row>
            ))}
          </tbody>
        </Table>
      </div>
      <ul aria-label="Runs" className="md:hidden">
        {runs.map((run) => (
          <li
            key={run.id}
            className="grid grid-cols-[minmax(0,1fr)] gap-1.5 border-t border-line px-4 py-3 first:border-t-0"
          >
            <div className="flex items-center justify-between gap-3">
              <RunLink run={run} />
              <State run={run} />
            </div>
            {nameOf && (
              <span className="truncate text-dense">
                <WorkflowLink run={run} nameOf={nameOf} />
              </span>
            )}
            <div className="flex flex-wrap justify-between gap-x-4 gap-y-1 text-meta text-text-muted">
              <span className="min-w-0 truncate">{startedBy(run)}</span>
              <span>
                <Time at={run.createdAt} /> · <Took run={run} />
              </span>
            </div>
          </li>
        ))}
      </ul>
    </>
  )
}

function RunLink({ run }: { run: RunHead }) {
  return (
    <Link
      to={`/workflows/${run.workflowId}/runs/${run.id}`}
      className="rounded-control text-body font-medium whitespace-nowrap hover:text-accent hover:underline"
    >
      {kindOf(run)} v{run.version}
    </Link>
  )
}

function WorkflowLink({ run, nameOf }: { run: RunHead; nameOf: (workflowId: string) => string }) {
  return (
    <Link to={`/workflows/${run.workflowId}`} className="hover:text-accent hover:underline">
      {nameOf(run.workflowId)}
    </Link>
  )
}

function State({ run }: { run: RunHead }) {
  return <StatusMark state={stateOf(run)} word={run.waiting ? 'Waits for its turn' : undefined} />
}

function Took({ run }: { run: RunHead }) {
  const now = useNow(1_000)
  const took = tookOf(run, now)
  return took === null ? <span className="text-text-muted">–</span> : formatDuration(took)
}
