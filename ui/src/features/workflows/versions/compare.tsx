import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { ArrowLeft, ArrowLeftRight, ArrowRight, Equal } from 'lucide-react'
import { useEffect, useMemo, type ReactNode } from 'react'
import { CHANGES } from '@/components/objects/changes'
import { DiffView } from '@/components/objects/diff-view'
import { IconButton } from '@/components/ui/button'
import { Select } from '@/components/ui/input'
import { EmptyPanel, ErrorPanel } from '@/components/ui/panels'
import { Loading, Skeleton } from '@/components/ui/skeleton'
import { toApiError } from '@/lib/api/error'
import { count } from '@/lib/format/numbers'
import { useGraph, useWorkflow } from '../open/hooks'
import { useOpenWorkflow } from '../open/open-workflow'
import { Glyph } from '@/components/objects/glyph'
import { marksOf, ownFields, readRef, refWord, sumOf } from './describe'
import { compareQuery, versionsQuery, type Comparison, type Ref } from '@/api/versions'

interface CompareProps {
  from: Ref
  to: Ref
  onCompare: (from: Ref, to: Ref) => void
  onBack: () => void
}

/** What makes one graph into another: any two of versions, what is saved, what is deployed. */
export function Compare({ from, to, onCompare, onBack }: CompareProps) {
  const workflow = useWorkflow()
  const mark = `${workflow.revision} ${workflow.deployed_version ?? ''}`
  const { data, error, refetch, isFetching } = useQuery(compareQuery(workflow.id, from, to, mark))
  return (
    <>
      <div className="flex shrink-0 items-center gap-2 border-b border-line px-4 py-2.5">
        <IconButton icon={ArrowLeft} label="All versions" onClick={onBack} className="-ml-2" />
        <Side label="From" value={from} onChange={(next) => onCompare(next, to)} />
        <ArrowRight aria-hidden size={16} className="shrink-0 text-text-muted" />
        <Side label="To" value={to} onChange={(next) => onCompare(from, next)} />
        <IconButton icon={ArrowLeftRight} label="The other way round" onClick={() => onCompare(to, from)} />
      </div>
      {data !== undefined ? (
        <Differences comparison={data} from={from} to={to} />
      ) : error !== null ? (
        <ErrorPanel
          error={toApiError(error)}
          what="the comparison"
          busy={isFetching}
          onRetry={() => void refetch()}
        />
      ) : (
        <Loading label="Comparing">
          <div className="grid gap-3 p-4">
            <Skeleton className="h-5 w-1/2" />
            <Skeleton className="h-24 w-full" />
            <Skeleton className="h-24 w-full" />
          </div>
        </Loading>
      )}
    </>
  )
}

function Side({ label, value, onChange }: { label: string; value: Ref; onChange: (ref: Ref) => void }) {
  const workflow = useWorkflow()
  const { data } = useInfiniteQuery(versionsQuery(workflow.id))
  const known = data?.pages.flatMap((page) => page.items) ?? []
  const others = known.some(({ version }) => `${version}` === value)
  return (
    <Select
      aria-label={label}
      value={value}
      onChange={(event) => {
        const next = readRef(event.target.value)
        if (next !== null) onChange(next)
      }}
      className="max-w-56 min-w-0 flex-1"
    >
      <option value="saved">Saved now</option>
      {workflow.deployed_version !== null && (
        <option value="deployed">Deployed (v{workflow.deployed_version})</option>
      )}
      {!others && value !== 'saved' && value !== 'deployed' && <option value={value}>v{value}</option>}
      {known.map(({ id, version, name, tag }) => (
        <option key={id} value={`${version}`}>
          {[`v${version}`, tag, name].filter((part) => part !== '').join(' · ')}
        </option>
      ))}
    </Select>
  )
}

function Differences({ comparison, from, to }: { comparison: Comparison; from: Ref; to: Ref }) {
  const workflow = useWorkflow()
  const { nameOf, catalogue } = useGraph()
  const { stores, show } = useOpenWorkflow()
  const marks = useMemo(() => marksOf(comparison), [comparison])
  useEffect(() => {
    stores.canvas.setState({ marks })
    return () => stores.canvas.setState({ marks: {} })
  }, [stores, marks])
  const { nodes, edges, settings, secrets, moved } = comparison
  const names = new Map(nodes.map((node) => [node.node_id, node.name]))
  const called = (id: string) => names.get(id) ?? nameOf(id)
  const drawn = new Set(workflow.nodes.map(({ id }) => id))
  const sides = `from ${refWord(from, workflow.deployed_version)} to ${refWord(to, workflow.deployed_version)}`
  if (comparison.identical) {
    return (
      <EmptyPanel icon={Equal} title="No difference">
        Nothing changes {sides}.{moved.length > 0 && ` ${elsewhere(moved.length)}`}
      </EmptyPanel>
    )
  }
  return (
    // scrolled by keys
    <div
      role="region"
      aria-label="Differences"
      // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      tabIndex={0}
      className="grid min-h-0 grow auto-rows-min grid-cols-[minmax(0,1fr)] gap-4 overflow-y-auto p-4 -outline-offset-2"
    >
      <p className="text-dense text-text-muted">
        {sumOf(comparison) || 'The graphs are the same'}, {sides}.
        {moved.length > 0 && ` ${elsewhere(moved.length)}`}
      </p>
      {settings.length > 0 && (
        <Part title="Settings">
          <DiffView label="Settings" changes={settings} />
        </Part>
      )}
      {nodes.map((node) => (
        <Part
          key={node.node_id}
          title={
            <>
              <Glyph look={CHANGES[node.change]} />
              {drawn.has(node.node_id) ? (
                <button
                  type="button"
                  onClick={() => show(node.node_id)}
                  className="font-semibold underline-offset-2 hover:underline"
                >
                  {node.name}
                </button>
              ) : (
                node.name
              )}
              <span className="font-normal text-text-muted">
                {catalogue.types.get(node.type)?.title ?? node.type}
              </span>
            </>
          }
        >
          {node.changes.length > 0 && (
            <DiffView label={`Changes of ${node.name}`} changes={ownFields(node.changes)} />
          )}
        </Part>
      ))}
      {edges.map((edge) => (
        <Part
          key={edge.edge_id}
          title={
            <>
              <Glyph look={CHANGES[edge.change]} />
              {called(edge.source)} → {called(edge.target)}
              <span className="font-normal text-text-muted">Wire</span>
            </>
          }
        >
          {edge.changes.length > 0 && (
            <DiffView
              label={`Changes of the wire from ${called(edge.source)} to ${called(edge.target)}`}
              changes={ownFields(edge.changes)}
            />
          )}
        </Part>
      ))}
      {secrets.length > 0 && (
        <Part title="Secret values">
          <p className="text-dense text-text-muted">
            {secrets.map(called).join(', ')} {secrets.length === 1 ? 'has' : 'have'} other values. They are
            never shown.
          </p>
        </Part>
      )}
    </div>
  )
}

function elsewhere(number: number): string {
  return `${count(number, 'node')} only stand${number === 1 ? 's' : ''} elsewhere.`
}

function Part({ title, children }: { title: ReactNode; children: ReactNode }) {
  return (
    <section className="grid grid-cols-[minmax(0,1fr)] gap-2">
      <h3 className="flex flex-wrap items-center gap-2 text-dense font-semibold">{title}</h3>
      {children}
    </section>
  )
}
