import { PanelLeftOpen } from 'lucide-react'
import { lazy, Suspense } from 'react'
import { IconButton } from '@/components/ui/button'
import { useMediaQuery } from '@/lib/a11y/use-media-query'
import { setPrefs, usePrefs } from '@/lib/storage/prefs'
import { useLock } from '../open/hooks'

const Palette = lazy(async () => ({ default: (await import('./palette')).Palette }))

/** What can be added, beside the canvas where there is room for it. */
export function PaletteBeside() {
  const wide = useMediaQuery('(min-width: 1280px)')
  const shown = usePrefs((prefs) => prefs.palette)
  const locked = useLock()
  if (!wide || locked !== null) return null
  if (!shown) {
    return (
      <div className="absolute top-3 left-3 z-10">
        <IconButton
          icon={PanelLeftOpen}
          label="Show the palette"
          variant="secondary"
          onClick={() => setPrefs({ palette: true })}
        />
      </div>
    )
  }
  return (
    <div className="w-60 shrink-0 border-r border-line bg-surface">
      <Suspense fallback={null}>
        <Palette />
      </Suspense>
    </div>
  )
}
