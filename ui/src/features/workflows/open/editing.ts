import { toast } from '@/components/ui/toast'
import { count } from '@/lib/format/numbers'
import type { Draft } from '../draft/draft-store'
import { drawnBy, freePlace, nodeOfType, snapped, wireOfRule } from '../graph/create'
import {
  added,
  endsOf,
  inTurn,
  moved,
  reattached,
  removed,
  withData,
  withOptions,
  type Edit,
  type Place,
  type Selected,
} from '../graph/edits'
import { nameOf } from '../graph/mirrors'
import { CARD_HEIGHT, CARD_WIDTH } from '../graph/layout'
import { mended } from '../graph/mend'
import type { Catalogue, Graph, GraphNode, Issue, JsonObject, NodeType, Position, Rule } from '../graph/types'
import { inTheWay, judgeOf, type Refused, type Remedy, type Verdict } from '../graph/verdicts'
import { NOTHING_SELECTED, type CanvasStore, type LooseWire } from './canvas-store'
import type { GraphState } from './open-workflow'
import type { Readable } from './view'

/** Everything people do to a graph; each is one step that can be undone. */
export interface Editing {
  /** Add a node of a type near a place. */
  add: (type: NodeType, at: Position, from?: LooseWire | null) => void
  /** Add drawings or nodes that were made elsewhere, and their wires. */
  insert: (label: string, edit: Edit, nodeIds: readonly string[]) => void
  judge: (source: Place, target: Place) => Verdict
  connect: (rule: Rule, source: Place, target: Place) => void
  /** Put the ends of a wire elsewhere, by a rule that holds there. */
  reattach: (edgeId: string, rule: Rule, source: Place, target: Place) => void
  /** What would be allowed if one wire were not there. */
  judgeWithout: (edgeId: string, source: Place, target: Place) => Verdict
  /** Do what a refusal offers. */
  remedy: (refused: Refused, source: Place, target: Place) => void
  /** Do what an issue offers; false when only a person can, by filling in a field. */
  mend: (issue: Issue) => boolean
  remove: (selected: Selected) => void
  /** Put cards elsewhere; moves with the same `going` are one step. */
  move: (positions: ReadonlyMap<string, Position>, going?: string | null, label?: string) => void
  nudge: (ids: ReadonlySet<string>, by: Position, going: string | null) => void
  /** Change the values of a node; `going` names the field while somebody types into it. */
  change: (id: string, label: string, change: (data: JsonObject) => JsonObject, going?: string | null) => void
  /** Change the options of a wire. */
  configure: (
    id: string,
    label: string,
    change: (data: JsonObject) => JsonObject,
    going?: string | null,
  ) => void
}

interface On {
  draft: Draft
  graph: Readable<GraphState>
  canvas: CanvasStore
  /** Why nothing may be changed; null when it may. */
  locked: () => string | null
}

export function createEditing({ draft, graph: drawn, canvas, locked }: On): Editing {
  const state = () => drawn.getState()
  const edit: Draft['edit'] = (label, change, going) => {
    if (locked() === null) draft.edit(label, change, going)
  }
  const select = (nodes: readonly string[], edges: readonly string[] = []) =>
    canvas.setState({ selection: { nodes: new Set(nodes), edges: new Set(edges) } })
  const insert: Editing['insert'] = (label, change, nodeIds) => {
    edit(label, change)
    select(nodeIds)
    const [first] = nodeIds
    if (first !== undefined && locked() === null)
      canvas.setState({ activeId: first, wantedId: first, wantsFocus: true })
  }
  const connect: Editing['connect'] = (rule, source, target) => {
    const wire = wireOfRule(rule, source, target)
    edit(`Wire ${named(state(), source)} to ${named(state(), target)}`, added([], [wire]))
    select([], [wire.id])
  }
  const { judge, judgeWithout } = {
    judge: (source: Place, target: Place) => judgeOf(state().graph, state().catalogue)(source, target),
    judgeWithout: (edgeId: string, source: Place, target: Place) => {
      const without = removed({ nodes: new Set(), edges: new Set([edgeId]) })(state().graph)
      return judgeOf(without, state().catalogue)(source, target)
    },
  }
  return {
    add: (type, at, from = null) => {
      const { graph, catalogue, limits } = state()
      if (graph.nodes.length >= limits.nodes) {
        toast.failed(`A workflow has at most ${limits.nodes} nodes, and this one has as many.`)
        return
      }
      const node = nodeOfType(type, graph, from === null ? freePlace(graph, at) : at)
      const made = added([node])
      insert(`Add ${nameOf(node.data, node.id)}`, inTurn(made, wiredTo(node, from, catalogue)), [node.id])
    },
    insert,
    judge,
    connect,
    judgeWithout,
    reattach: (edgeId, rule, source, target) =>
      edit('Move a wire', (graph) => reattach(graph, edgeId, rule, { source, target })),
    remedy: (refused, source, target) => {
      const change = remedied(refused, source, target, state().catalogue)
      if (change !== null) edit(refused.remedy?.text ?? 'Mend it', change)
    },
    mend: (issue) => {
      const { graph, catalogue } = state()
      const change = locked() === null ? mended(issue, graph, catalogue) : null
      if (change !== null) edit(issue.remedy?.text ?? 'Mend it', change)
      return change !== null
    },
    remove: (selected) => {
      const { graph, nameOf: name } = state()
      const [only] = selected.nodes
      const label =
        selected.nodes.size === 1 && only !== undefined
          ? `Delete ${name(only)}`
          : selected.nodes.size > 0
            ? `Delete ${count(selected.nodes.size, 'node')}`
            : `Delete ${count(selected.edges.size, 'wire')}`
      if (removed(selected)(graph) === graph) return
      edit(label, removed(selected))
      canvas.setState({ selection: NOTHING_SELECTED })
    },
    move: (positions, going = null, label = moveLabel(state(), [...positions.keys()])) =>
      edit(label, moved(withChildren(state().graph, positions)), going),
    nudge: (ids, by, going) => {
      const positions = new Map(
        state()
          .graph.nodes.filter((node) => ids.has(node.id))
          .map(({ id, position }) => [id, { x: position.x + by.x, y: position.y + by.y }]),
      )
      edit(moveLabel(state(), [...ids]), moved(withChildren(state().graph, positions)), going)
    },
    change: (id, label, change, going = null) =>
      edit(label, withData(id, change, state().catalogue), going === null ? null : `${id}${going}`),
    configure: (id, label, change, going = null) =>
      edit(label, withOptions(id, change), going === null ? null : `${id}${going}`),
  }
}

function named({ nameOf: name }: GraphState, { nodeId }: Place): string {
  return name(nodeId)
}

function moveLabel({ nameOf: name }: GraphState, ids: readonly string[]): string {
  const [only] = ids
  return ids.length === 1 && only !== undefined ? `Move ${name(only)}` : `Move ${count(ids.length, 'node')}`
}

/** The same moves, with what stands in a moved group moved alike. */
export function withChildren(graph: Graph, positions: ReadonlyMap<string, Position>): Map<string, Position> {
  const all = new Map(positions)
  for (const node of graph.nodes) {
    const group = node.parent === null ? undefined : graph.nodes.find(({ id }) => id === node.parent)
    const to = group === undefined ? undefined : positions.get(group.id)
    if (group === undefined || to === undefined || positions.has(node.id)) continue
    all.set(node.id, {
      x: node.position.x + to.x - group.position.x,
      y: node.position.y + to.y - group.position.y,
    })
  }
  return all
}

/** Wire a node that was just put in to the known end of a wire, by the first rule that allows it. */
function wiredTo(node: GraphNode, from: LooseWire | null, catalogue: Catalogue): Edit {
  return (graph) => {
    if (from === null) return graph
    const here = { nodeId: node.id, handle: null }
    const [source, target] = from.end === 'source' ? [from.at, here] : [here, from.at]
    return joined(graph, source, target, catalogue)
  }
}

/** The graph with a wire by the first rule that allows it, if any does. */
function joined(graph: Graph, source: Place, target: Place, catalogue: Catalogue): Graph {
  const verdict = judgeOf(graph, catalogue)(source, target)
  const rule = verdict.ok ? verdict.rules[0] : undefined
  return rule === undefined ? graph : added([], [wireOfRule(rule, source, target)])(graph)
}

function reattach(graph: Graph, edgeId: string, rule: Rule, ends: { source: Place; target: Place }): Graph {
  const edge = graph.edges.find(({ id }) => id === edgeId)
  if (edge === undefined) return graph
  // by the same rule it keeps its options
  const drawn = edge.data.rule === rule.id ? { type: edge.type, data: edge.data } : drawnBy(rule)
  return reattached(edgeId, ends, drawn)(graph)
}

/** What a refusal's remedy does to the graph, the wire drawn at the end of it; null when it offers none. */
function remedied({ remedy, on }: Refused, source: Place, target: Place, catalogue: Catalogue): Edit | null {
  switch (remedy?.action) {
    case 'reverse':
      return (now) => joined(now, { ...target, handle: null }, { ...source, handle: null }, catalogue)
    case 'replace':
      return (now) => joined(withoutRivals(now, source, target, catalogue), source, target, catalogue)
    case 'change-field':
      return (now) => changedField(now, { remedy, on, source, target }, catalogue)
    case 'add-between': {
      const type = catalogue.types.get(remedy.node_type ?? '')
      return type === undefined ? null : (now) => between(now, type, source, target, catalogue)
    }
    case 'add-node':
    case 'remove':
    case undefined:
      return null
  }
}

function withoutRivals(graph: Graph, source: Place, target: Place, catalogue: Catalogue): Graph {
  for (const rule of catalogue.rules.values()) {
    const edges = new Set(inTheWay(graph, rule, source, target, catalogue))
    if (edges.size === 0) continue
    const without = removed({ nodes: new Set(), edges })(graph)
    const verdict = judgeOf(without, catalogue)(source, target)
    if (verdict.ok && verdict.rules.some(({ id }) => id === rule.id)) return without
  }
  return graph
}

type FieldRemedy = { remedy: Remedy; on: Refused['on']; source: Place; target: Place }

function changedField(
  graph: Graph,
  { remedy, on, source, target }: FieldRemedy,
  catalogue: Catalogue,
): Graph {
  const key = (remedy.path ?? '').slice(1)
  const set = (data: JsonObject) => {
    const { [key]: before, ...others } = data
    if (remedy.value == null) return before === undefined ? data : others
    return { ...data, [key]: remedy.value }
  }
  if (on !== 'edge') {
    const { nodeId } = on === 'source' ? source : target
    return joined(withData(nodeId, set, catalogue)(graph), source, target, catalogue)
  }
  // the options of a wire that is not drawn yet: the first rule that fits has them
  const judge = judgeOf(graph, catalogue)
  const rule = [...catalogue.rules.values()].find((each) => {
    const verdict = judge(source, target, each.edge_type)
    return !verdict.ok && verdict.remedy === remedy && Object.hasOwn(each.edge_defaults, key)
  })
  if (rule === undefined) return graph
  const wire = { ...wireOfRule(rule, source, target), ...endsOf({ source, target }) }
  return added([], [{ ...wire, data: set(wire.data) }])(graph)
}

function between(graph: Graph, type: NodeType, source: Place, target: Place, catalogue: Catalogue): Graph {
  const at = (place: Place) => graph.nodes.find(({ id }) => id === place.nodeId)?.position ?? { x: 0, y: 0 }
  const [from, to] = [at(source), at(target)]
  const middle = { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 }
  const roomy = Math.abs(from.x - to.x) >= 2 * CARD_WIDTH || Math.abs(from.y - to.y) >= 2 * CARD_HEIGHT
  const node = nodeOfType(type, graph, roomy ? middle : freePlace(graph, middle))
  const here = { nodeId: node.id, handle: null }
  const withNode = added([{ ...node, position: snapped(node.position) }])(graph)
  return joined(joined(withNode, source, here, catalogue), here, target, catalogue)
}
