import type { Tone } from '@/components/status/states'
import type { Schema } from '@/lib/api/client'

export type Action = Schema<'PlanItem'>['action']

export type ActionLook = { glyph: string; word: string; tone: Tone; meaning: string }

/** Every action, what needs people first: sign, word, colour. */
export const ACTIONS: Record<Action, ActionLook> = {
  conflict: { glyph: '!', word: 'Conflict', tone: 'bad', meaning: 'Somebody else has a say in it.' },
  denied: { glyph: '⊘', word: 'Denied', tone: 'bad', meaning: 'The cluster does not permit it.' },
  invalid: { glyph: '⊘', word: 'Refused', tone: 'bad', meaning: 'The cluster does not take it as it is.' },
  replace: { glyph: '±', word: 'Replace', tone: 'warn', meaning: 'It is deleted and made again.' },
  create: { glyph: '+', word: 'Create', tone: 'ok', meaning: 'It does not exist yet.' },
  update: { glyph: '~', word: 'Update', tone: 'warn', meaning: 'Some of its fields change.' },
  prune: { glyph: '−', word: 'Remove', tone: 'bad', meaning: 'The graph has it no longer.' },
  keep: { glyph: '•', word: 'Keep', tone: 'idle', meaning: 'The graph has it no longer, but it stays.' },
  unchanged: { glyph: '=', word: 'Unchanged', tone: 'idle', meaning: 'It is as the graph says.' },
}
