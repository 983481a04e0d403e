import { isFinal, isPlan, type LogEntry, type RunDocument, type RunHead, type RunNode } from './read-run'

export const MOST_LINES = 5_000

/** What is known of a run once an update, or the answer to something that was done, tells of it. */
export function afterUpdate(known: RunDocument | null, heard: RunDocument): RunDocument {
  if (known !== null && isLate(known.head, heard.head)) return known
  return {
    head: heard.head,
    // a plan that rests has done nothing with any node
    nodes: heard.head.status === 'planned' ? {} : (heard.nodes ?? known?.nodes ?? null),
    logs: heard.logs === null ? (known?.logs ?? null) : joined(heard.logs, known?.logs ?? []),
    options: heard.options ?? known?.options ?? null,
    consent: heard.consent ?? known?.consent ?? null,
  }
}

/**
 * The same after it was asked for. Of a run under way the stream may have told more while the answer was on its
 * way, so that only adds what is not known at all.
 */
export function afterAnswer(known: RunDocument | null, heard: RunDocument): RunDocument {
  if (known === null || isResting(heard.head)) return afterUpdate(known, heard)
  return {
    head: known.head,
    nodes: known.nodes ?? heard.nodes,
    logs: known.logs ?? heard.logs,
    options: known.options ?? heard.options,
    consent: known.consent ?? heard.consent,
  }
}

/** Whether nothing happens with a run before somebody decides, or ever. */
export function isResting({ status }: RunHead): boolean {
  return status === 'planned' || isFinal(status)
}

/** Whether a head says less than what is known: it was sent before the run went on, and is heard after it. */
function isLate(known: RunHead, heard: RunHead): boolean {
  if (known.confirmedAt !== null && heard.confirmedAt === null) return true
  const rests = isFinal(known.status) || (known.status === 'planned' && isPlan(heard))
  return rests && !isFinal(heard.status) && heard.status !== known.status
}

/** In which phase a run is that is under way. */
export function inPhase(run: RunDocument, phase: string): RunDocument {
  return isResting(run.head) ? run : { ...run, head: { ...run.head, status: 'running', phase } }
}

export function withNode(run: RunDocument, nodeId: string, node: RunNode): RunDocument {
  return { ...run, nodes: { ...run.nodes, [nodeId]: node } }
}

/** With one more line; one that was in a snapshot and comes again is not doubled. */
export function withLine(run: RunDocument, entry: LogEntry): RunDocument {
  const known = run.logs ?? []
  return known.some((line) => isSame(line, entry)) ? run : { ...run, logs: bounded([...known, entry]) }
}

/** The lines of a snapshot, then those that were heard and are newer than it. */
function joined(snapshot: readonly LogEntry[], heard: readonly LogEntry[]): LogEntry[] {
  const marks = new Set(snapshot.map(markOf))
  return bounded([...snapshot, ...heard.filter((entry) => !marks.has(markOf(entry)))])
}

function bounded(lines: LogEntry[]): LogEntry[] {
  return lines.slice(-MOST_LINES)
}

function isSame(left: LogEntry, right: LogEntry): boolean {
  return left.at === right.at && left.text === right.text && markOf(left) === markOf(right)
}

function markOf({ at, level, nodeId, text }: LogEntry): string {
  return `${at} ${level} ${nodeId ?? ''} ${text}`
}
