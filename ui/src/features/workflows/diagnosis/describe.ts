import type { FieldChange } from '@/components/objects/diff'
import type { Check, Diagnosis } from '@/api/diagnosis'

/** How the result of a check is drawn: which of the known states, and its own word. */
export const RESULTS: Record<Check['state'], { state: string; word: string }> = {
  fail: { state: 'error', word: 'Wrong' },
  warn: { state: 'warning', word: 'Doubtful' },
  pass: { state: 'healthy', word: 'In order' },
  skip: { state: 'skipped', word: 'Not looked at' },
}

export type Findings = { wrong: readonly Check[]; fine: readonly Check[]; skipped: readonly Check[] }

/** Checks by what they mean for people: what is wrong before what is doubtful, then the rest. */
export function findingsOf({ checks }: Diagnosis): Findings {
  const of = (state: Check['state']) => checks.filter((check) => check.state === state)
  return { wrong: [...of('fail'), ...of('warn')], fine: of('pass'), skipped: of('skip') }
}

/** What a diagnosis says in one sentence. */
export function sumOf({ wrong, fine }: Findings): string {
  if (wrong.length > 0) return wrong.map(({ title, detail }) => `${title}: ${detail}`).join(' ')
  return fine.length > 0 ? 'Nothing wrong was found.' : 'Nothing could be looked at.'
}

export type Part = { nodeId: string | null; path: string; changes: readonly FieldChange[] }

const PLACE = /^(nodes|edges)\[([^\]]*)\]\.?(?:data\.)?/

/** Changes of a graph by the node or wire that they belong to. */
export function partsOf(changes: readonly FieldChange[]): Part[] {
  const found = new Map<string, { nodeId: string | null; changes: FieldChange[] }>()
  for (const change of changes) {
    const [place = '', list, id = ''] = PLACE.exec(change.path) ?? []
    const path = list === undefined ? '' : `${list}[${id}]`
    const part = found.get(path) ?? { nodeId: list === 'nodes' ? id : null, changes: [] }
    part.changes.push({ ...change, path: change.path.slice(place.length) || change.path })
    found.set(path, part)
  }
  return [...found].map(([path, part]) => ({ path, ...part }))
}
