import { lazy, Suspense } from 'react'
import { LeaveDialog } from './leave-dialog'
import { useKeeper, useKeeping, useSaveKey, useSaveState } from './use-saving'

// needed now and then, so they come when they are
const ConflictDialog = lazy(async () => ({ default: (await import('./conflict-dialog')).ConflictDialog }))
const KeptBanner = lazy(async () => ({ default: (await import('./kept-banner')).KeptBanner }))
const BehindBanner = lazy(async () => ({ default: (await import('./saved-banners')).BehindBanner }))
const GoneBanner = lazy(async () => ({ default: (await import('./saved-banners')).GoneBanner }))

/** Sees to it that nothing that is drawn is lost: keeps it, saves it, and asks where somebody has to decide. */
export function Saving() {
  useKeeping()
  useSaveKey()
  const { kind } = useSaveState()
  const { offered, failing } = useKeeper()
  return (
    <Suspense fallback={null}>
      <div className="grid gap-2 bg-surface px-3 py-2 empty:hidden">
        {(offered.length > 0 || failing) && <KeptBanner />}
        {(kind === 'unsaved' || kind === 'failed') && <BehindBanner />}
        {kind === 'failed' && <GoneBanner />}
      </div>
      {kind === 'conflict' && <ConflictDialog />}
      <LeaveDialog />
    </Suspense>
  )
}
