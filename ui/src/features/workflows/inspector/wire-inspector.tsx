import { ArrowRight, Trash2, X } from 'lucide-react'
import { useMemo } from 'react'
import { Button, IconButton } from '@/components/ui/button'
import { Part } from '@/components/objects/part'
import { SchemaForm } from '@/components/schema-form/schema-form'
import { setAt } from '@/components/schema-form/set-at'
import { isObject } from '@/lib/schema/conditions'
import { ruleOf } from '../graph/graph'
import type { GraphEdge, Rule } from '../graph/types'
import { useGraph, useIssues, useLock } from '../open/hooks'
import { useOpenWorkflow } from '../open/open-workflow'
import { useChoices } from './use-choices'
import { WireEffects } from './wire-effects'

interface WireInspectorProps {
  edge: GraphEdge
  onClose: () => void
}

/** Everything about one wire: what it joins, what it does, its options. */
export function WireInspector({ edge, onClose }: WireInspectorProps) {
  const { catalogue, nameOf } = useGraph()
  const { editing, show } = useOpenWorkflow()
  const locked = useLock()
  const rule = ruleOf(edge, catalogue)
  const title = `${nameOf(edge.source)} to ${nameOf(edge.target)}`
  return (
    <aside aria-label={`Wire ${title}`} className="flex h-full min-h-0 flex-col bg-surface">
      <header className="flex shrink-0 items-center gap-3 px-4 pt-3 pb-2">
        <div className="min-w-0 grow">
          <h2 className="truncate text-title font-semibold">{rule?.label ?? edge.type}</h2>
          <p className="flex items-center gap-1.5 text-dense">
            <button
              type="button"
              className="truncate font-medium underline-offset-2 hover:underline"
              onClick={() => show(edge.source)}
            >
              {nameOf(edge.source)}
            </button>
            <ArrowRight aria-hidden size={14} className="shrink-0 text-text-muted" />
            <button
              type="button"
              className="truncate font-medium underline-offset-2 hover:underline"
              onClick={() => show(edge.target)}
            >
              {nameOf(edge.target)}
            </button>
          </p>
        </div>
        <IconButton icon={X} label="Close inspector" onClick={onClose} />
      </header>
      <div className="min-h-0 grow overflow-y-auto px-4 pb-6">
        {rule !== null && <p className="mb-4 text-dense text-text-muted">{rule.effect.text}</p>}
        {rule === null && (
          <p className="mb-4 text-dense text-text-muted">This server does not know what the wire does.</p>
        )}
        {rule !== null && <WireForm key={edge.id} edge={edge} rule={rule} />}
        <WireEffects edgeId={edge.id} />
        <Part title="Wire">
          <Button
            variant="danger"
            icon={Trash2}
            refused={locked}
            onClick={() => {
              editing.remove({ nodes: new Set(), edges: new Set([edge.id]) })
              onClose()
            }}
          >
            Remove the wire
          </Button>
        </Part>
      </div>
    </aside>
  )
}

/** What can be said about a wire beside its ends; the rule itself is not asked for. */
function WireForm({ edge, rule }: { edge: GraphEdge; rule: Rule }) {
  const { editing } = useOpenWorkflow()
  const locked = useLock()
  const issues = useIssues()
  const hints = useMemo(() => without(rule.edge_ui, '/rule'), [rule])
  const schema = useMemo(() => {
    const { properties } = rule.edge_schema
    return { ...rule.edge_schema, properties: without(isObject(properties) ? properties : {}, 'rule') }
  }, [rule])
  const value = useMemo(() => without(edge.data, 'rule'), [edge.data])
  const choices = useChoices(hints)
  if (Object.keys(hints).length === 0) return null
  return (
    <SchemaForm
      schema={schema}
      hints={hints}
      defaults={without(rule.edge_defaults, 'rule')}
      value={value}
      problems={issues
        .filter((issue) => issue.edge_id === edge.id)
        .map(({ path = '', message, severity = 'error' }) => ({ path, message, severity }))}
      choices={choices}
      readOnly={locked !== null}
      onChange={({ path, value, label, typing }) =>
        editing.configure(
          edge.id,
          `${label} of a wire`,
          (data) => {
            const changed = setAt(data, path, value)
            return isObject(changed) ? changed : data
          },
          typing ? path : null,
        )
      }
    />
  )
}

function without<Value>(record: Readonly<Record<string, Value>>, name: string): Record<string, Value> {
  return Object.fromEntries(Object.entries(record).filter(([key]) => key !== name))
}
