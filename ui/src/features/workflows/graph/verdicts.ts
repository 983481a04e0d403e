/** May these two nodes be connected, and if not, why? Both sides keep `tests/fixtures/workflows/verdicts.json`. */
import type { Schema } from '@/lib/api/client'
import { holds } from '@/lib/schema/conditions'
import { isHandleGone, type Place } from './edits'
import { ruleOf, typeOf } from './graph'
import { nameOf, wiredValues, type WiredValue } from './mirrors'
import { ownNamespace } from './naming'
import {
  DRAWINGS,
  type Catalogue,
  type Graph,
  type GraphEdge,
  type GraphNode,
  type NodeType,
  type Rule,
} from './types'

export type Remedy = Schema<'Remedy'>
export type EdgeType = Rule['edge_type']

export type Refused = {
  ok: false
  /** no-rule, reversed, duplicate, source-full, target-full, namespace, cycle, handle-gone, or a rule's own. */
  code: string
  message: string
  remedy: Remedy | null
  /** What a remedy that changes a field changes. */
  on: 'source' | 'target' | 'edge'
}
/** The rules that allow a wire, in the table's order; or why none does. */
export type Verdict = { ok: true; rules: readonly Rule[] } | Refused

/**
 * Judges wires that may be drawn in one graph.
 *
 * @param edgeType as people ask for it; without one, rules that are offered on request only do not count
 */
export type Judge = (source: Place, target: Place, edgeType?: EdgeType) => Verdict

/** A judge of a graph; what all its verdicts need is worked out once. */
export function judgeOf(graph: Graph, catalogue: Catalogue): Judge {
  const drawn = drawnOf(graph, catalogue)
  return (source, target, edgeType) => {
    const [start, end] = [drawn.nodes.get(source.nodeId), drawn.nodes.get(target.nodeId)]
    if (
      start === undefined ||
      end === undefined ||
      isHandleGone(start, source.handle, catalogue) ||
      isHandleGone(end, target.handle, catalogue)
    )
      return refused('handle-gone', 'What was to be connected is not there any more.')
    if (start.id === end.id) return refused('no-rule', 'A node cannot be connected to itself.')
    if (DRAWINGS.has(start.type) || DRAWINGS.has(end.type))
      return refused('no-rule', 'Notes and groups are drawings; they cannot be wired.')
    const wire = { start, end, source, target }
    const fitting = [...catalogue.rules.values()].filter(
      (rule) =>
        isOffered(rule, edgeType) &&
        fits(rule.source, start.type, source.handle) &&
        fits(rule.target, end.type, target.handle),
    )
    if (fitting.length === 0) return unfit(wire, catalogue, edgeType)
    const verdicts = fitting.map((rule) => ({ rule, no: refusalOf(rule, wire, drawn) }))
    const allowed = verdicts.filter(({ no }) => no === null)
    if (allowed.length > 0) return { ok: true, rules: allowed.map(({ rule }) => rule) }
    return verdicts[0]?.no ?? noRule(start, end, catalogue)
  }
}

type Wire = { start: GraphNode; end: GraphNode; source: Place; target: Place }

type Drawn = {
  nodes: ReadonlyMap<string, GraphNode>
  byRule: ReadonlyMap<string, readonly GraphEdge[]>
  /** Which nodes wait for which, by wires that must not close a circle. */
  after: ReadonlyMap<string, readonly string[]>
  wired: ReadonlyMap<string, readonly WiredValue[]>
  catalogue: Catalogue
}

function drawnOf(graph: Graph, catalogue: Catalogue): Drawn {
  const byRule = new Map<string, GraphEdge[]>()
  const after = new Map<string, string[]>()
  for (const edge of graph.edges) {
    const rule = ruleOf(edge, catalogue)
    if (rule === null) continue
    pushTo(byRule, rule.id, edge)
    if (rule.acyclic) pushTo(after, edge.source, edge.target)
  }
  return {
    nodes: new Map(graph.nodes.map((node) => [node.id, node])),
    byRule,
    after,
    wired: wiredValues(graph, catalogue),
    catalogue,
  }
}

function pushTo<Item>(map: Map<string, Item[]>, key: string, item: Item): void {
  const known = map.get(key)
  if (known === undefined) map.set(key, [item])
  else known.push(item)
}

function refused(
  code: string,
  message: string,
  remedy: Remedy | null = null,
  on: Refused['on'] = 'source',
): Refused {
  return { ok: false, code, message, remedy, on }
}

function isOffered(rule: Rule, edgeType: EdgeType | undefined): boolean {
  return edgeType === undefined ? !rule.on_request : rule.edge_type === edgeType
}

type Match = Rule['source']

/** Whether a wire at this handle of a node of this type may be one of the rule; null is the card as a whole. */
function fits({ types, handle }: Match, type: string, at: string | null): boolean {
  if (types !== '*' && !types.includes(type)) return false
  if (handle) return at !== null && at.split(':')[0] === handle
  return at === null || at === 'in' || at === 'out'
}

/** Whether nodes of a type may be at this end at all, at whichever handle. */
function isNamed({ types }: Match, type: string): boolean {
  return types !== '*' && types.includes(type)
}

function areWired(from: string, to: string, { rules }: Catalogue): boolean {
  return [...rules.values()].some(
    (rule) => rule.edge_type === 'wires' && isNamed(rule.source, from) && isNamed(rule.target, to),
  )
}

function unfit({ start, end }: Wire, catalogue: Catalogue, edgeType: EdgeType | undefined): Refused {
  const backwards = [...catalogue.rules.values()].some(
    (rule) =>
      isOffered(rule, edgeType) && fits(rule.source, end.type, null) && fits(rule.target, start.type, null),
  )
  if (!backwards && !areWired(end.type, start.type, catalogue)) return noRule(start, end, catalogue)
  const [from, to] = [titleOf(end, catalogue), titleOf(start, catalogue)]
  return refused('reversed', `${a(from)} connects to ${a(to, false)}, not the other way round.`, {
    text: 'Reverse',
    action: 'reverse',
  })
}

function noRule(start: GraphNode, end: GraphNode, catalogue: Catalogue): Refused {
  const message = `${a(titleOf(start, catalogue))} cannot be connected to ${a(titleOf(end, catalogue), false)}.`
  const between = bridge(start.type, end.type, catalogue)
  if (between === null) return refused('no-rule', message)
  return refused('no-rule', `${message} ${a(between.title)} goes between.`, {
    text: `Add ${a(between.title, false)} between`,
    action: 'add-between',
    node_type: between.type,
  })
}

/** The first type of the palette that can stand between two, by wires. */
export function bridge(from: string, to: string, catalogue: Catalogue): NodeType | null {
  if (from === to) return null
  for (const type of catalogue.types.values())
    if (areWired(from, type.type, catalogue) && areWired(type.type, to, catalogue)) return type
  return null
}

function titleOf(node: GraphNode, catalogue: Catalogue): string {
  return typeOf(node, catalogue)?.title ?? node.type
}

function a(title: string, upper = true): string {
  const article = /^[aeiou]/i.test(title) ? 'an' : 'a'
  return `${upper ? (article[0]?.toUpperCase() ?? '') : (article[0] ?? '')}${article.slice(1)} ${title}`
}

/** Why one rule does not allow the wire, the nearest reason first; null when it does. */
function refusalOf(rule: Rule, wire: Wire, drawn: Drawn): Refused | null {
  return (
    full(rule, wire, drawn) ??
    otherNamespace(rule, wire, drawn) ??
    circle(rule, wire, drawn) ??
    own(rule, wire)
  )
}

function full(rule: Rule, { start, end, source, target }: Wire, { byRule, nodes }: Drawn): Refused | null {
  const edges = byRule.get(rule.id) ?? []
  const fromHere = edges.filter((edge) => isAt(edge.source, edge.sourceHandle, source, rule.source))
  const toThere = edges.filter((edge) => isAt(edge.target, edge.targetHandle, target, rule.target))
  const both = fromHere.filter((edge) => toThere.includes(edge))
  const { per_pair: perPair, per_source: perSource, per_target: perTarget } = rule.cardinality
  const replace: Remedy = { text: 'Replace existing', action: 'replace' }
  const nameAt = (id: string | undefined) => nameOf(nodes.get(id ?? '')?.data ?? {}, id ?? '')
  if (both.length >= perPair)
    return refused('duplicate', `${named(start)} and ${named(end)} are connected like this.`)
  if (perSource != null && fromHere.length >= perSource) {
    const message = `${named(start)} ${rule.label} ${nameAt(fromHere[0]?.target)} already.`
    return refused('source-full', message, replace)
  }
  if (perTarget != null && toThere.length >= perTarget) {
    const message = `${nameAt(toThere[0]?.source)} is connected to ${named(end)} already.`
    return refused('target-full', message, replace)
  }
  return null
}

/** Whether a wire's end is at a place, as far as the rule tells handles apart. */
function isAt(nodeId: string, handle: string | null, place: Place, match: Match): boolean {
  return nodeId === place.nodeId && (!match.handle || handle === place.handle)
}

/** The wires of a rule that are in the way of a new one that its counts refuse: all that a replacement takes out. */
export function inTheWay(
  graph: Graph,
  rule: Rule,
  source: Place,
  target: Place,
  catalogue: Catalogue,
): string[] {
  const { per_source: perSource, per_target: perTarget } = rule.cardinality
  return graph.edges
    .filter((edge) => ruleOf(edge, catalogue)?.id === rule.id)
    .filter(
      (edge) =>
        (perSource != null && isAt(edge.source, edge.sourceHandle, source, rule.source)) ||
        (perTarget != null && isAt(edge.target, edge.targetHandle, target, rule.target)),
    )
    .map((edge) => edge.id)
}

function named(node: GraphNode): string {
  return nameOf(node.data, node.id)
}

function otherNamespace(rule: Rule, { start, end }: Wire, drawn: Drawn): Refused | null {
  if (!rule.same_namespace || !isNamespaced(start, drawn) || !isNamespaced(end, drawn)) return null
  const [here, there] = [namespaceOf(start, drawn), namespaceOf(end, drawn)]
  if (here === there) return null
  return refused('namespace', `${named(start)} and ${named(end)} are in different namespaces.`, {
    text: `Move ${named(start)} to ${there || "the workflow's namespace"}`,
    action: 'change-field',
    path: '/namespace',
    value: there || null,
  })
}

function isNamespaced(node: GraphNode, { catalogue }: Drawn): boolean {
  const type = typeOf(node, catalogue)
  return type !== undefined && '/namespace' in type.ui
}

/** A node's own namespace, or the one that a wire gives; empty text for the workflow's. */
function namespaceOf(node: GraphNode, { wired }: Drawn): string {
  const own = ownNamespace(node)
  if (own !== '') return own
  const given = wired.get(node.id)?.find((value) => value.path === '/namespace')?.value
  return typeof given === 'string' ? given : ''
}

function circle(rule: Rule, { start, end }: Wire, { after }: Drawn): Refused | null {
  if (!rule.acyclic) return null
  const seen = new Set([end.id])
  const left = [end.id]
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    for (const following of after.get(next) ?? []) {
      if (seen.has(following)) continue
      seen.add(following)
      left.push(following)
    }
  }
  if (!seen.has(start.id)) return null
  return refused('cycle', 'They would wait for each other, and none could ever start.')
}

function own(rule: Rule, { start, end }: Wire): Refused | null {
  const scope = { source: start, target: end, edge: { data: rule.edge_defaults } }
  const found = rule.refusals.find((refusal) => isTrue(refusal.when, scope))
  if (found === undefined) return null
  const { code, message, remedy, when } = found
  const asked = JSON.stringify(when)
  const on = (['source', 'target', 'edge'] as const).find((end) =>
    asked.includes(JSON.stringify(`/${end}/data${remedy?.path ?? ''}`)),
  )
  return refused(code, message, remedy, on)
}

function isTrue(condition: unknown, scope: object): boolean {
  try {
    return holds(condition, scope)
  } catch {
    // a newer server may say things that this page does not know; it will say them when the graph is saved
    return false
  }
}
