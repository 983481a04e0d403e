import type { ActionLook } from './actions'

/** What became of a thing from an older state to a newer one. */
export type How = 'added' | 'removed' | 'changed'

export const CHANGES: Record<How, ActionLook> = {
  added: { glyph: '+', word: 'Added', tone: 'ok', meaning: 'Only the newer one has it.' },
  removed: { glyph: '−', word: 'Removed', tone: 'bad', meaning: 'Only the older one has it.' },
  changed: { glyph: '~', word: 'Changed', tone: 'warn', meaning: 'It says something else.' },
}
