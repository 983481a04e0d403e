import { formatClock } from '@/lib/time/time'

/** One line of a log; `nodeId` is null where it is about no single node. */
export type LogEntry = { at: string; level: string; nodeId: string | null; text: string }

/** The lines of one node, or all. */
export function filtered(entries: readonly LogEntry[], nodeId: string | null): readonly LogEntry[] {
  return nodeId === null ? entries : entries.filter((entry) => entry.nodeId === nodeId)
}

/** The log as text, for the clipboard and as a file. */
export function logText(entries: readonly LogEntry[], nameOf: (nodeId: string) => string): string {
  return entries
    .map(
      ({ at, level, nodeId, text }) =>
        `${at} ${level.padEnd(7)} ${nodeId === null ? '-' : nameOf(nodeId)} ${text}\n`,
    )
    .join('')
}

export function clockOf(at: string): string {
  const moment = Date.parse(at)
  return Number.isNaN(moment) ? at : formatClock(moment)
}
