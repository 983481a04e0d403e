import type { Workflow } from '@/api/workflows'
import type { Issue } from '../graph/types'
import type { CanvasState } from './canvas-store'
import type { DraftState } from '../draft/draft-store'
import { lockOf, useOpenWorkflow, type GraphState } from './open-workflow'
import type { Someone } from './people'
import type { PlanState } from './plans/machine'
import type { RunState } from './runs/run-state'
import type { StatusState } from './status'
import { useReadable } from './view'

// Each renders its component again only when what it gives is another.

export function useWorkflow(): Workflow {
  return useReadable(useOpenWorkflow().workflow, all)
}

export function useGraph(): GraphState {
  return useReadable(useOpenWorkflow().graph, all)
}

export function useDraft<Chosen>(choose: (state: DraftState) => Chosen): Chosen {
  return useReadable(useOpenWorkflow().draft, choose)
}

/** Why nothing of the graph may be changed; null when it may. */
export function useLock(): string | null {
  return useReadable(useOpenWorkflow().workflow, lockOf)
}

export function useIssues(): readonly Issue[] {
  return useReadable(useOpenWorkflow().issues, all)
}

export function useStatus<Chosen>(choose: (state: StatusState) => Chosen): Chosen {
  return useReadable(useOpenWorkflow().status, choose)
}

export function useRun<Chosen>(choose: (state: RunState) => Chosen): Chosen {
  return useReadable(useOpenWorkflow().run, choose)
}

export function usePlan<Chosen>(choose: (state: PlanState) => Chosen): Chosen {
  return useReadable(useOpenWorkflow().stores.plan, choose)
}

export function useCanvas<Chosen>(choose: (state: CanvasState) => Chosen): Chosen {
  return useReadable(useOpenWorkflow().stores.canvas, choose)
}

/** Who else has the workflow open. */
export function usePeople<Chosen>(choose: (people: readonly Someone[]) => Chosen): Chosen {
  return useReadable(useOpenWorkflow().stores.people, ({ people }) => choose(people))
}

function all<State>(state: State): State {
  return state
}
