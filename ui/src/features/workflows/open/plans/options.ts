import type { RunOptions } from '@/api/read-run'

/** Objects by name that a person has agreed to; to what, the plan's item says. */
export type Answers = Readonly<Record<string, true>>

/** The choices of a run that people are offered. */
export type PlanOptions = Pick<RunOptions, 'create_namespaces' | 'rollback_on_failure'> & {
  node_seconds: number | null
}

export const USUAL: PlanOptions = { create_namespaces: true, rollback_on_failure: false, node_seconds: null }
export const LEAST_SECONDS = 5
export const MOST_SECONDS = 3600

export function optionsOf(options: RunOptions | null): PlanOptions {
  return options === null
    ? USUAL
    : {
        create_namespaces: options.create_namespaces,
        rollback_on_failure: options.rollback_on_failure,
        node_seconds: options.node_seconds ?? null,
      }
}

export function sameOptions(left: PlanOptions, right: PlanOptions): boolean {
  return (
    left.create_namespaces === right.create_namespaces &&
    left.rollback_on_failure === right.rollback_on_failure &&
    left.node_seconds === right.node_seconds
  )
}
