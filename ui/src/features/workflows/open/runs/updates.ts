import type { Update } from '@/lib/stream/types'
import { isObject } from '@/lib/schema/conditions'
import type { RunEvent, RunProgress } from './open-run'
import { readLog, readNode, readRun } from '@/api/read-run'

/** What an update of the topic `run:<id>` means for the run; null when it says nothing to us. */
export function runEventOf(
  runId: string,
  { event, data }: Update,
): RunProgress | Extract<RunEvent, { type: 'document' }> | null {
  switch (event) {
    case 'phase':
      return isObject(data) && typeof data.phase === 'string'
        ? { type: 'phase', runId, phase: data.phase }
        : null
    case 'node_state': {
      const found = readNode(data)
      return found === null ? null : { type: 'node', runId, ...found }
    }
    case 'log': {
      const entry = readLog(data)
      return entry === null ? null : { type: 'log', runId, entry }
    }
    case 'metadata':
    case 'complete':
    case 'failed':
    case 'cancelled':
      return headEventOf(data)
    default:
      return null
  }
}

/** A run that an update carries, whole or its head. */
export function headEventOf(data: unknown): Extract<RunEvent, { type: 'document' }> | null {
  const run = isObject(data) ? readRun(data.run) : null
  return run === null ? null : { type: 'document', run }
}
