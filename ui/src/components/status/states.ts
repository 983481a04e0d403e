import {
  CircleCheck,
  CircleDashed,
  CircleQuestionMark,
  Circle,
  CirclePause,
  CircleSlash,
  ClipboardList,
  Clock,
  ClockAlert,
  LoaderCircle,
  OctagonX,
  SquareCheck,
  TriangleAlert,
  type LucideIcon,
} from 'lucide-react'

/** A pair of colours in styles/tokens.css: `--status-<tone>` on `--status-<tone>-bg`. */
export type Tone = 'ok' | 'busy' | 'idle' | 'warn' | 'bad' | 'missing'

export interface StateLook {
  word: string
  shape: LucideIcon
  tone: Tone
  /** Turns while it lasts; still for people who prefer less motion. */
  moving?: boolean
}

const ok = (word: string, shape: LucideIcon = CircleCheck): StateLook => ({ word, shape, tone: 'ok' })
const busy = (word: string): StateLook => ({ word, shape: LoaderCircle, tone: 'busy', moving: true })
const idle = (word: string, shape: LucideIcon): StateLook => ({ word, shape, tone: 'idle' })
const warn = (word: string): StateLook => ({ word, shape: TriangleAlert, tone: 'warn' })
const bad = (word: string): StateLook => ({ word, shape: OctagonX, tone: 'bad' })

/** Shape, word and colours of every state of nodes, runs, steps of runs, and clusters. */
export const STATES = {
  // objects and nodes on the canvas
  healthy: ok('Healthy'),
  progressing: busy('Progressing'),
  degraded: warn('Degraded'),
  error: bad('Error'),
  pending: idle('Pending', Clock),
  suspended: idle('Suspended', CirclePause),
  completed: ok('Completed', SquareCheck),
  unknown: idle('Unknown', CircleQuestionMark),
  missing: { word: 'Missing', shape: CircleDashed, tone: 'missing' },
  not_deployed: idle('Not deployed', Circle),
  stale: idle('Stale', ClockAlert),
  warning: warn('Warning'),
  // runs and their phases
  queued: idle('Queued', Clock),
  running: busy('Running'),
  planning: busy('Planning'),
  planned: idle('Planned', ClipboardList),
  pruning: busy('Pruning'),
  failed: bad('Failed'),
  cancelled: idle('Cancelled', CircleSlash),
  // steps of a run
  applying: busy('Applying'),
  waiting: busy('Waiting'),
  ready: ok('Ready'),
  unchanged: ok('Unchanged'),
  skipped: idle('Skipped', CircleSlash),
  pruned: idle('Pruned', CircleSlash),
  // clusters
  connected: ok('Connected'),
  unauthorized: bad('Not authorized'),
  unreachable: bad('Unreachable'),
  disabled: idle('Disabled', CircleSlash),
} as const satisfies Record<string, StateLook>

export type KnownState = keyof typeof STATES

/** How a state is drawn; one that is not known is drawn as unknown, with its own word. */
export function lookOf(state: string): StateLook {
  return Object.hasOwn(STATES, state)
    ? STATES[state as KnownState]
    : idle(state || 'Unknown', CircleQuestionMark)
}

/** The worst first: what a sum of several states shows before the others. */
export const WORST_FIRST: readonly KnownState[] = [
  'error',
  'failed',
  'missing',
  'degraded',
  'progressing',
  'pending',
  'unknown',
  'suspended',
  'healthy',
  'completed',
]

/** Counts by state, the worst first, without zeros; states that are not known come last. */
export function sortCounts(counts: Record<string, number>): [string, number][] {
  const place = (state: string) => {
    const found = (WORST_FIRST as readonly string[]).indexOf(state)
    return found < 0 ? WORST_FIRST.length : found
  }
  return Object.entries(counts)
    .filter(([, number]) => number > 0)
    .sort(([one], [other]) => place(one) - place(other))
}
