import { create } from 'zustand'
import { persist } from 'zustand/middleware'
import { z } from '@/lib/config/zod'

const Prefs = z.object({
  theme: z.enum(['light', 'dark', 'system']).catch('system'),
  density: z.enum(['comfortable', 'compact']).catch('comfortable'),
  rail: z.boolean().catch(false),
  /** Whether the palette stands beside the canvas. */
  palette: z.boolean().catch(true),
  /** Names of node types. */
  favourites: z.array(z.string()).catch([]),
  recents: z.array(z.string()).catch([]),
})
export type Prefs = z.infer<typeof Prefs>
export type Theme = Prefs['theme']
export type Density = Prefs['density']

const DEFAULTS: Prefs = {
  theme: 'system',
  density: 'comfortable',
  rail: false,
  palette: true,
  favourites: [],
  recents: [],
}
const KEY = 'kubeorch.prefs'

/** What a person prefers on this browser; public/theme.js reads the same entry before the first paint. */
export const usePrefs = create<Prefs>()(
  persist(() => DEFAULTS, {
    name: KEY,
    merge: (stored) => Prefs.catch(DEFAULTS).parse(stored),
  }),
)

export function setPrefs(change: Partial<Prefs>): void {
  usePrefs.setState(change)
}

/** Whether the page is dark: the choice, or what the system says. */
export function isDark(theme: Theme, systemDark: boolean): boolean {
  return theme === 'system' ? systemDark : theme === 'dark'
}

/** Keep the page's attributes as preferred: at changes here, in other tabs and of the system. */
export function applyPrefs(): () => void {
  const system = window.matchMedia('(prefers-color-scheme: dark)')
  const apply = () => {
    const { theme, density } = usePrefs.getState()
    document.documentElement.dataset.theme = isDark(theme, system.matches) ? 'dark' : 'light'
    document.documentElement.dataset.density = density
  }
  const stored = (event: StorageEvent) => {
    if (event.key === KEY) void usePrefs.persist.rehydrate()
  }
  const unsubscribe = usePrefs.subscribe(apply)
  system.addEventListener('change', apply)
  window.addEventListener('storage', stored)
  apply()
  return () => {
    unsubscribe()
    system.removeEventListener('change', apply)
    window.removeEventListener('storage', stored)
  }
}
