import { X } from 'lucide-react'
import { lazy, Suspense, useEffect, useRef, type KeyboardEvent, type ReactNode } from 'react'
import { IconButton } from '@/components/ui/button'
import { Tabs } from '@/components/ui/tabs'
import { cardModel } from '../graph/card'
import { typeOf } from '../graph/graph'
import type { GraphNode } from '../graph/types'
import { KindIcon } from '@/components/objects/kind-icon'
import { useGraph, useWorkflow } from '../open/hooks'
import { StatusTab } from './status-tab'
import { ValuesTab } from './values-tab'
import { WiresTab } from './wires-tab'
import { YamlTab } from './yaml-tab'

// forms come after the graph
const ConfigureTab = lazy(async () => ({ default: (await import('./configure-tab')).ConfigureTab }))

const PANELS = ['status', 'diagnosis', 'configure', 'wires', 'values', 'yaml'] as const
export type PanelName = (typeof PANELS)[number]

export function isPanel(name: string | null): name is PanelName {
  return name !== null && (PANELS as readonly string[]).includes(name)
}

interface InspectorProps {
  node: GraphNode
  /** Why it is as it is, for types where something can tell. */
  diagnosis: ReactNode
  panel: PanelName
  /** The field that somebody wants to see. */
  field: string | null
  onPanel: (panel: PanelName) => void
  onClose: () => void
}

/** Everything about one node. */
export function Inspector({ node, diagnosis, panel, field, onPanel, onClose }: InspectorProps) {
  const workflow = useWorkflow()
  const { catalogue, wired } = useGraph()
  const type = typeOf(node, catalogue)
  const model = cardModel(node, type, { namespace: workflow.namespace, wired: wired.get(node.id) ?? [] })
  const diagnosable = type?.actions.includes('diagnose') ?? false
  const holdsSecrets = type?.actions.includes('secret_values') ?? false
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    heading.current?.focus({ preventScroll: true })
  }, [node.id])
  const closeByKey = (event: KeyboardEvent) => {
    if (event.key !== 'Escape' || event.defaultPrevented) return
    event.stopPropagation()
    onClose()
  }
  const tabs = [
    {
      value: 'status' as const,
      label: 'Status',
      content: <StatusTab node={node} onDiagnose={diagnosable ? () => onPanel('diagnosis') : null} />,
    },
    ...(diagnosable
      ? [
          {
            value: 'diagnosis' as const,
            label: 'Diagnosis',
            content: diagnosis,
          },
        ]
      : []),
    {
      value: 'configure' as const,
      label: 'Configure',
      content: (
        <Suspense fallback={null}>
          <ConfigureTab node={node} type={type} field={field} />
        </Suspense>
      ),
    },
    { value: 'wires' as const, label: 'Wires', content: <WiresTab node={node} /> },
    ...(holdsSecrets
      ? [{ value: 'values' as const, label: 'Values', content: <ValuesTab key={node.id} node={node} /> }]
      : []),
    { value: 'yaml' as const, label: 'YAML', content: <YamlTab node={node} /> },
  ]
  const shown = tabs.some((tab) => tab.value === panel) ? panel : 'status'
  return (
    // Escape closes it from anywhere inside
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <aside
      aria-label={`${model.title}, ${model.kind}`}
      onKeyDown={closeByKey}
      className="flex h-full min-h-0 flex-col bg-surface"
    >
      <header className="flex shrink-0 items-center gap-3 px-4 pt-3 pb-2">
        <span className="card-icon">
          <KindIcon name={model.icon} size={18} />
        </span>
        <div className="min-w-0 grow">
          <h2 ref={heading} tabIndex={-1} className="truncate text-title font-semibold outline-none">
            {model.title}
          </h2>
          <p className="truncate text-meta text-text-muted">
            {model.kind} · {model.namespace}
          </p>
        </div>
        <IconButton icon={X} label="Close inspector" onClick={onClose} />
      </header>
      <div className="inspector-tabs flex min-h-0 grow flex-col overflow-y-auto px-4 pb-6">
        <Tabs label="Parts of the node" value={shown} onChange={onPanel} tabs={tabs} />
      </div>
    </aside>
  )
}
