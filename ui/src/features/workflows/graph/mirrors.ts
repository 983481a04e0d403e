import { ABSENT, evaluate } from '@/lib/schema/conditions'
import { ruleOf } from './graph'
import type { Catalogue, Graph, JsonObject, JsonPointer, Rule } from './types'

export type Mirrored = { on: 'source' | 'target'; path: JsonPointer; value: unknown; mode: 'set' | 'append' }

/** What one wire shows at its ends; a mirror whose value is missing shows nothing. */
export function mirrored(
  rule: Rule,
  ends: { source: JsonObject; target: JsonObject; edge: JsonObject },
): Mirrored[] {
  return rule.effect.mirrors.flatMap(({ on, path, value, mode }) => {
    const found = evaluate(value, ends)
    return found === ABSENT ? [] : [{ on, path, value: found, mode }]
  })
}

/** A value that a wire gives to a node, and the node at the other end. */
export type WiredValue = {
  path: JsonPointer
  value: unknown
  mode: 'set' | 'append'
  from: string
  nodeId: string
}

/** The wired values of every node that has some. */
export function wiredValues(graph: Graph, catalogue: Catalogue): Map<string, WiredValue[]> {
  const nodes = new Map(graph.nodes.map((node) => [node.id, node]))
  const found = new Map<string, WiredValue[]>()
  for (const edge of graph.edges) {
    const [source, target] = [nodes.get(edge.source), nodes.get(edge.target)]
    const rule = ruleOf(edge, catalogue)
    if (source === undefined || target === undefined || rule === null) continue
    for (const { on, path, value, mode } of mirrored(rule, {
      source: source.data,
      target: target.data,
      edge: edge.data,
    })) {
      const [here, there] = on === 'source' ? [source, target] : [target, source]
      const known = found.get(here.id) ?? []
      found.set(here.id, [
        ...known,
        { path, value, mode, from: nameOf(there.data, there.id), nodeId: there.id },
      ])
    }
  }
  return found
}

/** A node's name; an unnamed one goes by its id. */
export function nameOf(data: JsonObject, fallback: string): string {
  return typeof data.name === 'string' && data.name !== '' ? data.name : fallback
}
