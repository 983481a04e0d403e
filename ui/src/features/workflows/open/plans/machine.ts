import type { Refusal } from '../runs/following'
import { USUAL, type Answers, type PlanOptions } from './options'

/** What is planned: the graph as it is saved, or the way back to a version. */
export type Asked = { kind: 'saved' } | { kind: 'rollback'; version: number }

export type PlanState = {
  asked: Asked
  /** The server was asked for a plan and has not answered yet. */
  asking: boolean
  /** Why there is no plan. */
  refusal: Refusal | null
  /** The run whose plan is looked at: answers are for this one alone. */
  runId: string | null
  answers: Answers
  options: PlanOptions
  confirming: boolean
  /** Why confirming was refused. */
  problem: { code: string; message: string } | null
}

export type PlanEvent =
  | { type: 'ask'; asked: Asked }
  | { type: 'asked'; runId: string }
  | { type: 'refused'; refusal: Refusal }
  | { type: 'opened'; runId: string; asked: Asked; options: PlanOptions }
  | { type: 'answer'; object: string; given: boolean }
  | { type: 'option'; change: Partial<PlanOptions> }
  | { type: 'confirm' }
  | { type: 'confirmed' }
  | { type: 'confirm-refused'; code: string; message: string }

export const NO_PLAN: PlanState = {
  asked: { kind: 'saved' },
  asking: false,
  refusal: null,
  runId: null,
  answers: {},
  options: USUAL,
  confirming: false,
  problem: null,
}

/** The next state of what a person does with a plan. Options stay from plan to plan, answers do not. */
export function reduce(state: PlanState, event: PlanEvent): PlanState {
  switch (event.type) {
    case 'ask':
      return state.asking ? state : { ...NO_PLAN, options: state.options, asked: event.asked, asking: true }
    case 'asked':
      return { ...state, asking: false, runId: event.runId }
    case 'refused':
      return { ...state, asking: false, refusal: event.refusal }
    case 'opened':
      return state.runId === event.runId
        ? state
        : { ...NO_PLAN, runId: event.runId, asked: event.asked, options: event.options }
    case 'answer': {
      const others = Object.fromEntries(
        Object.entries(state.answers).filter(([object]) => object !== event.object),
      )
      return { ...state, answers: event.given ? { ...others, [event.object]: true } : others }
    }
    case 'option':
      return { ...state, options: { ...state.options, ...event.change } }
    case 'confirm':
      return { ...state, confirming: true, problem: null }
    case 'confirmed':
      return { ...state, confirming: false }
    case 'confirm-refused':
      return { ...state, confirming: false, problem: { code: event.code, message: event.message } }
  }
}
