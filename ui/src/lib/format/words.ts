// Every word that stands for a code of the API, in one place.

export type Lifecycle = 'draft' | 'published' | 'archived'

export const LIFECYCLES: Record<Lifecycle, { word: string; meaning: string }> = {
  draft: { word: 'Draft', meaning: 'Has not been run since it was made' },
  published: { word: 'Live', meaning: 'Has been run' },
  archived: { word: 'Archived', meaning: 'Read-only' },
}

/** A lifecycle as it is shown, such as "Live v12"; a word that is not known is shown as it came. */
export function lifecycleWord(status: string, version: number): string {
  const known = Object.hasOwn(LIFECYCLES, status) ? LIFECYCLES[status as Lifecycle].word : status
  return status === 'published' && version > 0 ? `${known} v${version}` : known
}

export const AUTH_TYPES: Record<string, string> = { kubeconfig: 'Kubeconfig', token: 'Bearer token' }
export const ROLES: Record<string, string> = { admin: 'Administrator', member: 'Member' }
