import { createContext, useContext } from 'react'
import { useStore } from 'zustand'
import type { Schema } from '@/lib/api/client'
import type { Catalogue, Graph, Issue } from '../graph/types'
import type { WiredValue } from '../graph/mirrors'
import { createPlanStore, type PlanStore } from './plans/plan-store'
import type { PlanState } from './plans/machine'
import { createRunStore, type RunStore } from './runs/run-store'
import type { RunState } from './runs/machine'
import { createCanvasStore, type CanvasState, type CanvasStore } from './canvas-store'
import { createStatusStore, type StatusState, type StatusStore } from './status-store'

/** The stores of one open workflow; they are made with the page and go with it. */
export type Stores = { status: StatusStore; run: RunStore; plan: PlanStore; canvas: CanvasStore }

export function createStores(): Stores {
  return {
    status: createStatusStore(),
    run: createRunStore(),
    plan: createPlanStore(),
    canvas: createCanvasStore(),
  }
}

/** Everything the parts of the page share. */
export type OpenWorkflow = {
  workflow: Schema<'PublicWorkflow'>
  graph: Graph
  catalogue: Catalogue
  wired: ReadonlyMap<string, readonly WiredValue[]>
  issues: readonly Issue[]
  stores: Stores
  /** Show a node: select it, open its inspector, bring its card into view. */
  show: (nodeId: string, panel?: string) => void
  /** The name people know a node by. */
  nameOf: (nodeId: string) => string
}

export const OpenWorkflowContext = createContext<OpenWorkflow | null>(null)

export function useOpenWorkflow(): OpenWorkflow {
  const found = useContext(OpenWorkflowContext)
  if (found === null) throw new Error('useOpenWorkflow is used outside of an open workflow.')
  return found
}

export function useStatus<Chosen>(choose: (state: StatusState) => Chosen): Chosen {
  return useStore(useOpenWorkflow().stores.status, choose)
}

export function useRun<Chosen>(choose: (state: RunState) => Chosen): Chosen {
  return useStore(useOpenWorkflow().stores.run, choose)
}

export function usePlan<Chosen>(choose: (state: PlanState) => Chosen): Chosen {
  return useStore(useOpenWorkflow().stores.plan, choose)
}

export function useCanvas<Chosen>(choose: (state: CanvasState) => Chosen): Chosen {
  return useStore(useOpenWorkflow().stores.canvas, choose)
}
