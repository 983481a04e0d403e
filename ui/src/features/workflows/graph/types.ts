import type { Schema } from '@/lib/api/client'
import type { JsonObject } from '@/lib/schema/json'

export type { JsonObject, JsonPointer } from '@/lib/schema/json'

export type NodeType = Schema<'NodeType'>
export type CardRow = Schema<'NodeTypeCardRow'>
export type Rule = Schema<'WiringRule'>
export type Issue = Schema<'Issue'>
export type Line = Rule['line']

export type Position = { x: number; y: number }

export type GraphNode = {
  id: string
  type: string
  position: Position
  data: JsonObject
  parent: string | null
}

export type GraphEdge = {
  id: string
  source: string
  sourceHandle: string | null
  target: string
  targetHandle: string | null
  type: string
  data: JsonObject
}

/** A workflow as it is drawn. */
export type Graph = { nodes: GraphNode[]; edges: GraphEdge[] }

/** What the server says about node types and wires, by name; presets are forms for some nodes of a type. */
export type Catalogue = {
  types: Map<string, NodeType>
  presets: readonly NodeType[]
  rules: Map<string, Rule>
}

export const NOTE = 'note'
export const GROUP = 'group'
/** Node types that exist on the canvas only. */
export const DRAWINGS: ReadonlySet<string> = new Set([NOTE, GROUP])
