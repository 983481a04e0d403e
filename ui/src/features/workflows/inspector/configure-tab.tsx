import { useMemo } from 'react'
import { SchemaForm } from '@/components/schema-form/schema-form'
import { setAt } from '@/components/schema-form/set-at'
import { Part, Row, Rows } from '@/components/objects/part'
import { Banner } from '@/components/ui/panels'
import { isObject } from '@/lib/schema/conditions'
import { plain } from '../graph/card'
import { nameOf } from '../graph/mirrors'
import type { GraphNode, NodeType } from '../graph/types'
import { useGraph, useIssues, useLock } from '../open/hooks'
import { useOpenWorkflow } from '../open/open-workflow'
import { useChoices } from './use-choices'

interface ConfigureTabProps {
  node: GraphNode
  type: NodeType | undefined
  /** The field that somebody wants to see. */
  field: string | null
}

/** The values of a node, to be changed; what a wire gives is shown and not asked for. */
export function ConfigureTab({ node, type, field }: ConfigureTabProps) {
  return type === undefined ? <Unknown node={node} /> : <NodeForm node={node} type={type} field={field} />
}

function NodeForm({ node, type, field }: ConfigureTabProps & { type: NodeType }) {
  const { wired } = useGraph()
  const { editing, show } = useOpenWorkflow()
  const locked = useLock()
  const issues = useIssues()
  const choices = useChoices(type.ui)
  const given = wired.get(node.id)
  const problems = useMemo(
    () =>
      issues
        .filter((issue) => issue.node_id === node.id)
        .map(({ path = '', message, severity = 'error' }) => ({ path, message, severity })),
    [issues, node.id],
  )
  const name = nameOf(node.data, node.id)
  return (
    <>
      <p className="mb-4 text-dense text-text-muted">{type.description}</p>
      <SchemaForm
        key={node.id}
        schema={type.schema}
        hints={type.ui}
        defaults={type.defaults}
        value={node.data}
        locked={given ?? []}
        problems={problems}
        choices={choices}
        readOnly={locked !== null}
        focusPath={field}
        onJump={(from) => {
          const source = given?.find((value) => value.from === from)
          if (source !== undefined) show(source.nodeId)
        }}
        onChange={({ path, value, label, typing }) =>
          editing.change(
            node.id,
            `${label} of ${name}`,
            (data) => {
              const changed = setAt(data, path, value)
              return isObject(changed) ? changed : data
            },
            typing ? path : null,
          )
        }
      />
    </>
  )
}

function Unknown({ node }: { node: GraphNode }) {
  return (
    <>
      <Banner tone="warn">
        This server does not know the type “{node.type}”. Its fields are shown as they are stored.
      </Banner>
      <Part title="Fields">
        <Rows>
          {Object.entries(node.data).map(([name, value]) => (
            <Row key={name} label={name}>
              {plain(value)}
            </Row>
          ))}
        </Rows>
      </Part>
    </>
  )
}
