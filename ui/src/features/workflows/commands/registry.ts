import { ARRANGE } from './arrange-commands'
import type { Command } from './command'
import { DRAW } from './draw-commands'
import { EDIT } from './edit-commands'
import { SEE } from './see-commands'

/** Everything that can be done on the canvas; menus, keys and the sheet of keys all come from here. */
export const COMMANDS: readonly Command[] = [...EDIT, ...DRAW, ...ARRANGE, ...SEE]
