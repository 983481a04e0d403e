import type { Workflow } from '@/api/workflows'
import { graphOf, remembered } from '../graph/graph'
import { placed } from '../graph/layout'
import type { Base } from './draft-store'

/** A workflow's graph as drawing begins with it. */
export function baseOf(workflow: Workflow): Base {
  return { revision: workflow.revision, graph: placedGraphOf(workflow) }
}

const placedGraphOf = remembered((workflow: Workflow) => placed(graphOf(workflow)))
