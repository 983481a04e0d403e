import { CHANGES, type How } from '@/components/objects/changes'
import { DiffView } from '@/components/objects/diff-view'
import { Glyph } from '@/components/objects/glyph'
import { count } from '@/lib/format/numbers'
import { isNothing, type GraphChanges } from '../graph/changes'
import type { FieldChange } from '../graph/json-diff'
import { useGraph } from '../open/hooks'

interface ChangeListProps {
  label: string
  changes: GraphChanges
}

/** The changes from one graph to another, each node and wire with what differs in it. */
export function ChangeList({ label, changes }: ChangeListProps) {
  const { catalogue } = useGraph()
  const { nodes, edges, moved } = changes
  if (isNothing(changes)) return <p className="text-dense text-text-muted">Nothing differs.</p>
  return (
    <ul aria-label={label} className="grid grid-cols-[minmax(0,1fr)] gap-2">
      {nodes.map(({ nodeId, how, name, type, fields }) => (
        <Change
          key={nodeId}
          how={how}
          name={name}
          kind={catalogue.types.get(type)?.title ?? type}
          fields={fields}
        />
      ))}
      {edges.map(({ edgeId, how, sourceName, targetName, fields }) => (
        <Change key={edgeId} how={how} name={`${sourceName} → ${targetName}`} kind="Wire" fields={fields} />
      ))}
      {moved.length > 0 && (
        <li className="text-dense text-text-muted">
          {count(moved.length, 'node')} {moved.length === 1 ? 'stands' : 'stand'} elsewhere.
        </li>
      )}
    </ul>
  )
}

interface ChangeProps {
  how: How
  name: string
  kind: string
  fields: readonly FieldChange[]
}

function Change({ how, name, kind, fields }: ChangeProps) {
  return (
    <li className="grid grid-cols-[minmax(0,1fr)] gap-1.5">
      <p className="flex flex-wrap items-center gap-2 text-dense font-semibold">
        <Glyph look={CHANGES[how]} />
        <span className="min-w-0 wrap-anywhere">{name}</span>
        <span className="font-normal text-text-muted">{kind}</span>
      </p>
      {fields.length > 0 && <DiffView label={`Changes of ${name}`} changes={fields.map(ownField)} />}
    </li>
  )
}

/** A field as people know it: without the word that all of them begin with. */
function ownField(change: FieldChange): FieldChange {
  return { ...change, path: change.path.replace(/^data\./, '') }
}
