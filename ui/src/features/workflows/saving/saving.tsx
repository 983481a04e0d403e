import { ConflictDialog } from './conflict-dialog'
import { KeptBanner } from './kept-banner'
import { LeaveDialog } from './leave-dialog'
import { BehindBanner, GoneBanner } from './saved-banners'
import { useKeeping, useSaveKey } from './use-saving'

/** Sees to it that nothing that is drawn is lost: keeps it, saves it, and asks where somebody has to decide. */
export function Saving() {
  useKeeping()
  useSaveKey()
  return (
    <>
      <div className="grid gap-2 bg-surface px-3 py-2 empty:hidden">
        <KeptBanner />
        <BehindBanner />
        <GoneBanner />
      </div>
      <ConflictDialog />
      <LeaveDialog />
    </>
  )
}
