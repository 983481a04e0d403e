import { LogOut, Monitor, Moon, Rows3, Rows4, Sun } from 'lucide-react'
import { Menu, MenuChoice, MenuHeading, MenuItem, MenuLine } from '@/components/ui/menu'
import { toast } from '@/components/ui/toast'
import { toApiError } from '@/lib/api/error'
import { signOut, useUser } from '@/lib/auth/session'
import { ROLES } from '@/lib/format/words'
import { setPrefs, usePrefs, type Density, type Theme } from '@/lib/storage/prefs'

const THEMES: readonly { value: Theme; label: string; icon: typeof Sun }[] = [
  { value: 'light', label: 'Light', icon: Sun },
  { value: 'dark', label: 'Dark', icon: Moon },
  { value: 'system', label: 'As the system', icon: Monitor },
]
const DENSITIES: readonly { value: Density; label: string; icon: typeof Sun }[] = [
  { value: 'comfortable', label: 'Comfortable', icon: Rows3 },
  { value: 'compact', label: 'Compact', icon: Rows4 },
]

async function leave(): Promise<void> {
  try {
    await signOut()
  } catch (cause) {
    toast.failed(`You are still signed in. ${toApiError(cause).message}`)
  }
}

/** Who is signed in, how the page looks, and the way out. */
export function UserMenu({ side = 'bottom' }: { side?: 'bottom' | 'right' }) {
  const user = useUser()
  const { theme, density } = usePrefs()
  return (
    <Menu
      side={side}
      trigger={
        <button
          type="button"
          aria-label={`Account of ${user.name}`}
          className="grid size-8 shrink-0 place-items-center rounded-full bg-accent/15 text-meta font-semibold text-accent transition-colors hover:bg-accent/25"
        >
          {initials(user.name)}
        </button>
      }
    >
      <MenuHeading>
        <span className="block truncate text-dense font-medium">{user.name}</span>
        <span className="block max-w-60 truncate text-meta text-text-muted">{user.email}</span>
        <span className="block text-meta text-text-muted">{ROLES[user.role] ?? user.role}</span>
      </MenuHeading>
      <MenuLine />
      <MenuChoice
        label="Theme"
        value={theme}
        choices={THEMES}
        onChange={(next) => setPrefs({ theme: next })}
      />
      <MenuChoice
        label="Density"
        value={density}
        choices={DENSITIES}
        onChange={(next) => setPrefs({ density: next })}
      />
      <MenuLine />
      <MenuItem icon={LogOut} onSelect={() => void leave()}>
        Sign out
      </MenuItem>
    </Menu>
  )
}

/** "Ada Lovelace" as "AL". */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/)
  const letters = words.length > 1 ? [words[0], words.at(-1)] : [words[0]]
  return letters
    .map((word) => Array.from(word ?? '')[0] ?? '')
    .join('')
    .toUpperCase()
}
