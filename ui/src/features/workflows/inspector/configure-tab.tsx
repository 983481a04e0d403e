import { useState } from 'react'
import { Banner } from '@/components/ui/panels'
import { Checkbox } from '@/components/ui/input'
import { configGroups, type ConfigRow } from '../graph/config-rows'
import { plain } from '../graph/card'
import type { GraphNode, NodeType } from '../graph/types'
import { useGraph } from '../open/hooks'
import { Nothing, Part, Row, Rows } from '@/components/objects/part'

/** What was entered for the node, and what applies where nothing was. */
export function ConfigureTab({ node, type }: { node: GraphNode; type: NodeType | undefined }) {
  const { wired } = useGraph()
  const [defaults, setDefaults] = useState(false)
  if (type === undefined) return <Unknown node={node} />
  const groups = configGroups(node, type, wired.get(node.id) ?? [])
    .map(({ group, rows }) => ({ group, rows: rows.filter((row) => defaults || row.from !== 'default') }))
    .filter(({ rows }) => rows.length > 0)
  return (
    <>
      <p className="mb-3 text-dense text-text-muted">{type.description}</p>
      <Checkbox
        label="Show defaults"
        checked={defaults}
        onChange={(event) => setDefaults(event.target.checked)}
        className="mb-4"
      />
      {groups.length === 0 && <Nothing>Nothing was entered.</Nothing>}
      {groups.map(({ group, rows }) => (
        <Part key={group} title={titleOf(group)}>
          <Rows>
            {rows.map((row) => (
              <Row key={row.path} label={row.label} note={noteOf(row)}>
                {row.lines.map((line, index) => (
                  // lines of one value have no name of their own
                  <span key={index} className="block">
                    {line}
                  </span>
                ))}
              </Row>
            ))}
          </Rows>
        </Part>
      ))}
    </>
  )
}

function noteOf({ from, givers }: ConfigRow): string | undefined {
  if (from === 'wired') return `from ${givers.join(', ')}`
  return from === 'default' ? 'default' : undefined
}

function titleOf(group: string): string {
  const words = group.replaceAll(/[-_]/g, ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
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
