import type { Schema } from '@/lib/api/client'
import { holds } from '@/lib/schema/conditions'
import type { Catalogue, Graph, GraphEdge, GraphNode, JsonObject, NodeType, Rule } from './types'

/** The graph in a workflow as the API gives it; what is served as before gives the same nodes and edges as before. */
export function graphOf(workflow: Pick<Schema<'PublicWorkflow'>, 'nodes' | 'edges'>): Graph {
  return { nodes: workflow.nodes.map(nodeOf), edges: workflow.edges.map(edgeOf) }
}

const nodeOf = remembered((node: Schema<'PublicWorkflow'>['nodes'][number]): GraphNode => ({
  id: node.id,
  type: node.type,
  position: { x: node.position?.x ?? 0, y: node.position?.y ?? 0 },
  data: node.data ?? {},
  parent: node.parent ?? null,
}))

const edgeOf = remembered((edge: Schema<'PublicWorkflow'>['edges'][number]): GraphEdge => ({
  id: edge.id,
  source: edge.source,
  sourceHandle: edge.source_handle ?? null,
  target: edge.target,
  targetHandle: edge.target_handle ?? null,
  type: edge.type ?? 'wires',
  data: edge.data ?? {},
}))

/** A graph as the API takes it. */
export function bodyOf({ nodes, edges }: Graph): Schema<'GraphBody'> {
  return {
    nodes: nodes.map(({ id, type, position, data, parent }) => ({
      id,
      type,
      position,
      data,
      ...(parent !== null && { parent }),
    })),
    edges: edges.map(({ id, source, sourceHandle, target, targetHandle, type, data }) => ({
      id,
      source,
      target,
      ...(sourceHandle !== null && { source_handle: sourceHandle }),
      ...(targetHandle !== null && { target_handle: targetHandle }),
      type: type === 'depends_on' ? type : 'wires',
      data,
    })),
  }
}

/** What the server says about node types and wires, by name; of the same answer the same catalogue. */
export const catalogueOf = remembered((served: Schema<'NodeTypes'>): Catalogue => ({
  types: new Map(served.items.filter((type) => !isPreset(type)).map((type) => [type.type, type])),
  presets: served.items.filter(isPreset),
  rules: new Map(served.rules.map((rule) => [rule.id, rule])),
}))

/** A function that makes the same of the same object, as long as somebody has that. */
export function remembered<Given extends object, Made>(make: (given: Given) => Made): (given: Given) => Made {
  const known = new WeakMap<Given, { made: Made }>()
  return (given) => {
    const found = known.get(given) ?? { made: make(given) }
    known.set(given, found)
    return found.made
  }
}

function isPreset(type: NodeType): boolean {
  return type.applies_when != null
}

/** What is known of a node's type: the preset that is for nodes like it, else the type; undefined when neither is. */
export function typeOf(node: Pick<GraphNode, 'type' | 'data'>, catalogue: Catalogue): NodeType | undefined {
  const preset = catalogue.presets.find((each) => each.node_type === node.type && appliesTo(each, node.data))
  return preset ?? catalogue.types.get(node.type)
}

function appliesTo({ applies_when: condition }: NodeType, data: JsonObject): boolean {
  try {
    return holds(condition, data)
  } catch {
    // a newer server may say things that this page does not know
    return false
  }
}

/** The rule a wire was drawn by; null when this server does not know it. */
export function ruleOf(edge: GraphEdge, catalogue: Catalogue): Rule | null {
  const named = typeof edge.data.rule === 'string' ? catalogue.rules.get(edge.data.rule) : undefined
  if (named !== undefined) return named
  for (const rule of catalogue.rules.values())
    if (rule.edge_type === edge.type && edge.type !== 'wires') return rule
  return null
}
