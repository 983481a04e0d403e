import { useQuery } from '@tanstack/react-query'
import { RefreshCw, Wrench } from 'lucide-react'
import { useEffect, useState, type ReactNode } from 'react'
import { StatusMark } from '@/components/status/status-mark'
import { Button } from '@/components/ui/button'
import { Banner, ErrorPanel } from '@/components/ui/panels'
import { Loading, Skeleton } from '@/components/ui/skeleton'
import { Time } from '@/components/ui/time'
import { announce } from '@/lib/a11y/announce'
import { toApiError } from '@/lib/api/error'
import { count } from '@/lib/format/numbers'
import { useGraph, useStatus, useWorkflow } from '../open/hooks'
import { useOpenWorkflow } from '../open/open-workflow'
import type { GraphNode } from '../graph/types'
import { Part } from '@/components/objects/part'
import { findingsOf, RESULTS, sumOf } from './describe'
import { FixDialog } from './fix-dialog'
import { diagnosisQuery, type Check, type Diagnosis, type Fix, type Fixed } from '@/api/diagnosis'

interface DiagnosisTabProps {
  node: GraphNode
}

/** What is wrong with a node, what shows it, and what helps. */
export function DiagnosisTab({ node }: DiagnosisTabProps) {
  const workflow = useWorkflow()
  const seen = useStatus(({ statuses }) => {
    const status = statuses[node.id]
    return status === undefined ? '' : `${status.state} ${status.reason}`
  })
  const loaded = useStatus((state) => state.loaded)
  const [fix, setFix] = useState<Fix | null>(null)
  const [fixed, setFixed] = useState<Fixed | null>(null)
  const { data, error, isFetching, refetch } = useQuery({
    ...diagnosisQuery(workflow.id, node.id, workflow.revision, seen),
    enabled: loaded && workflow.cluster_id !== null,
  })
  const words = data === undefined ? '' : sumOf(findingsOf(data))
  useEffect(() => {
    if (words !== '') announce(`Diagnosis: ${words}`)
  }, [words])
  if (workflow.cluster_id === null)
    return <Banner>Choose a cluster for this workflow first: there is nothing yet to look at.</Banner>
  return (
    <>
      {fixed !== null && <Done fixed={fixed} />}
      {error !== null && !isFetching ? (
        <ErrorPanel
          error={toApiError(error)}
          what="the diagnosis"
          busy={isFetching}
          onRetry={() => void refetch()}
        />
      ) : data === undefined ? (
        <Looking />
      ) : (
        <>
          <div className="mb-3 flex items-center justify-between gap-2 text-meta text-text-muted">
            <span>
              Looked at <Time at={data.checked_at} />
            </span>
            <Button icon={RefreshCw} variant="ghost" busy={isFetching} onClick={() => void refetch()}>
              Look again
            </Button>
          </div>
          <Found diagnosis={data} onFix={setFix} />
        </>
      )}
      {fix !== null && (
        <FixDialog
          node={node}
          fix={fix}
          onDone={(done) => {
            setFixed(done)
            setFix(null)
            void refetch()
          }}
          onClose={() => setFix(null)}
        />
      )}
    </>
  )
}

function Looking() {
  return (
    <Loading label="Looking at the node and everything around it">
      <p className="mb-3 text-dense text-text-muted">Looking at its objects, events and logs …</p>
      {[80, 64, 72].map((width) => (
        <span key={width} className="mb-3 block" style={{ width: `${width}%` }}>
          <Skeleton className="h-5 w-full" />
        </span>
      ))}
    </Loading>
  )
}

/** What was done, and what is left to do. */
function Done({ fixed }: { fixed: Fixed }) {
  const { plans } = useOpenWorkflow()
  return (
    <div className="mb-4">
      <Banner>
        {fixed.done.map((sentence) => (
          <span key={sentence} className="block">
            {sentence}
          </span>
        ))}
        {fixed.next === 'run' ? (
          <>
            <span className="mt-0.5 block text-text-muted">A run brings it to the cluster.</span>
            <Button className="mt-2" onClick={() => void plans.plan()}>
              Plan the run
            </Button>
          </>
        ) : (
          <span className="mt-0.5 block text-text-muted">
            The cluster does the rest; the node shows how it goes.
          </span>
        )}
      </Banner>
    </div>
  )
}

function Found({ diagnosis, onFix }: { diagnosis: Diagnosis; onFix: (fix: Fix) => void }) {
  const { wrong, fine, skipped } = findingsOf(diagnosis)
  return (
    <>
      {wrong.length > 0 ? (
        <ul aria-label="Findings" className="grid gap-3">
          {wrong.map((check) => (
            <li key={check.id}>
              <Finding check={check} onFix={onFix} />
            </li>
          ))}
        </ul>
      ) : (
        <p className="text-body">
          {fine.length > 0
            ? 'Nothing wrong found.'
            : 'Nothing could be looked at, so nothing is known to be wrong.'}
        </p>
      )}
      {fine.length > 0 && (
        <Others
          title={wrong.length > 0 ? `${count(fine.length, 'other thing')} in order` : 'Looked at'}
          open={wrong.length === 0}
        >
          <Checks checks={fine} />
        </Others>
      )}
      {skipped.length > 0 && (
        <Others
          title={`${count(skipped.length, 'thing')} not looked at`}
          open={fine.length + wrong.length === 0}
        >
          <Checks checks={skipped} />
        </Others>
      )}
    </>
  )
}

function Finding({ check, onFix }: { check: Check; onFix: (fix: Fix) => void }) {
  const { evidence = [], remedy = '', fix } = check
  const result = RESULTS[check.state]
  return (
    <article aria-label={check.title} className="rounded-card border border-line p-3">
      <StatusMark {...result} />
      <h3 className="mt-2 text-dense font-semibold wrap-anywhere">{check.title}</h3>
      <p className="mt-0.5 text-dense wrap-anywhere">{check.detail}</p>
      {evidence.length > 0 && (
        <ul
          aria-label={`Evidence: ${check.title}`}
          className="mt-2 grid gap-1 rounded-control bg-sunken px-2.5 py-2 font-mono text-mono"
        >
          {evidence.map((line) => (
            <li key={line} className="whitespace-pre-wrap wrap-anywhere">
              {line}
            </li>
          ))}
        </ul>
      )}
      {remedy !== '' && (
        <p className="mt-2 text-dense wrap-anywhere">
          <span className="font-semibold">What helps: </span>
          {remedy}
        </p>
      )}
      {fix != null && (
        <>
          <Concerned fix={fix} />
          <Button icon={Wrench} className="mt-2.5" onClick={() => onFix(fix)}>
            {fix.title} …
          </Button>
        </>
      )}
    </article>
  )
}

/** Nodes that a fix wires to the one that is looked at. */
function Concerned({ fix }: { fix: Fix }) {
  const { nameOf, graph } = useGraph()
  const { show } = useOpenWorkflow()
  const ends = (fix.wires ?? []).flatMap(({ source, target }) => [source, target])
  const ids = [...new Set(ends)].filter((id) => graph.nodes.some((node) => node.id === id))
  if (ids.length === 0) return null
  return (
    <p className="mt-2 flex flex-wrap gap-x-2 text-dense text-text-muted">
      It concerns
      {ids.map((id) => (
        <button
          key={id}
          type="button"
          onClick={() => show(id)}
          className="font-semibold text-text underline underline-offset-2"
        >
          {nameOf(id)}
        </button>
      ))}
    </p>
  )
}

function Others({ title, open, children }: { title: string; open: boolean; children: ReactNode }) {
  if (open) return <Part title={title}>{children}</Part>
  return (
    <details className="mt-4">
      <summary className="min-h-6 cursor-pointer text-dense text-text-muted">{title}</summary>
      <div className="mt-1.5">{children}</div>
    </details>
  )
}

function Checks({ checks }: { checks: readonly Check[] }) {
  return (
    <ul className="divide-y divide-line rounded-control border border-line">
      {checks.map((check) => (
        <li key={check.id} className="grid gap-1 px-3 py-2 text-dense">
          <span className="flex items-start justify-between gap-2">
            <span className="min-w-0 font-medium wrap-anywhere">{check.title}</span>
            <StatusMark {...RESULTS[check.state]} variant="plain" className="shrink-0" />
          </span>
          <span className="wrap-anywhere text-text-muted">{check.detail}</span>
        </li>
      ))}
    </ul>
  )
}
