import type { ActionLook } from '@/components/objects/actions'
import { CHANGES } from '@/components/objects/changes'
import type { Comparison, Ref, VersionItem } from '@/api/versions'

/** Why a version was made. */
export function causeOf({ automatic, restored_from: restored, run_id: run }: VersionItem): string {
  if (restored !== null) return `v${restored} restored`
  if (run !== null) return 'made by a run'
  return automatic ? 'made by itself' : 'kept by hand'
}

/** A side of a comparison as people say it. */
export function refWord(ref: Ref, deployed: number | null): string {
  if (ref === 'saved') return 'what is saved'
  return ref === 'deployed' ? `what is deployed (v${deployed ?? '?'})` : `v${ref}`
}

const VERSION = /^[1-9][0-9]{0,8}$/

/** A side of a comparison in the address; null when it is none. */
export function readRef(text: string | null): Ref | null {
  if (text === 'saved' || text === 'deployed') return text
  return text !== null && VERSION.test(text) ? `${Number(text)}` : null
}

/** Fields of a node or a wire as people know them: without the word that all of them begin with. */
export function ownFields(changes: Comparison['settings']): Comparison['settings'] {
  return changes.map((change) => ({ ...change, path: change.path.replace(/^data\./, '') }))
}

export type How = Comparison['nodes'][number]['change']

/** What each node's card says of a comparison. */
export function marksOf({ nodes }: Comparison): Record<string, ActionLook> {
  return Object.fromEntries(nodes.map(({ node_id: id, change }) => [id, CHANGES[change]]))
}

/** A comparison in words: "1 node added, 2 changed, 1 wire removed". */
export function sumOf({ nodes, edges }: Comparison): string {
  const parts = (['added', 'changed', 'removed'] as const).flatMap((how) => [
    said(nodes.filter(({ change }) => change === how).length, 'node', how),
    said(edges.filter(({ change }) => change === how).length, 'wire', how),
  ])
  return parts.filter((part) => part !== '').join(', ')
}

function said(number: number, noun: string, how: How): string {
  return number === 0 ? '' : `${number} ${noun}${number === 1 ? '' : 's'} ${how}`
}
