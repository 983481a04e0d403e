import { added, type Place } from './edits'
import type { Catalogue, Graph, NodeType, Rule } from './types'
import { judgeOf } from './verdicts'

/** A type of which a new node could be at the other end of a wire, and the first rule that would draw it. */
export type Fitting = { type: NodeType; rule: Rule }

/** The types whose new nodes could be wired to a place; `end` is the end of the wire that the place has. */
export function typesFor(
  graph: Graph,
  catalogue: Catalogue,
  { at, end }: { at: Place; end: 'source' | 'target' },
): Fitting[] {
  const all = [...catalogue.types.values(), ...catalogue.presets]
  // one node of each type, unwired, so that all are judged in one graph
  const tried = all.map((type, index) => ({
    id: `tried-${index}`,
    type: type.node_type,
    position: { x: 0, y: 0 },
    data: { ...type.defaults, name: `tried-${index}` },
    parent: null,
  }))
  const judge = judgeOf(added(tried)(graph), catalogue)
  return all.flatMap((type, index) => {
    const there = { nodeId: `tried-${index}`, handle: null }
    const verdict = end === 'source' ? judge(at, there) : judge(there, at)
    const rule = verdict.ok ? verdict.rules[0] : undefined
    return rule === undefined ? [] : [{ type, rule }]
  })
}
