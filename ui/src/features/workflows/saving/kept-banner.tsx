import { useState } from 'react'
import { Button } from '@/components/ui/button'
import { ConfirmDialog, Dialog, DialogActions, DialogBody } from '@/components/ui/dialog'
import { Banner } from '@/components/ui/panels'
import { Time } from '@/components/ui/time'
import type { KeptDraft } from '../draft/kept-drafts'
import { changesBetween } from '../graph/changes'
import { useDraft, useLock } from '../open/hooks'
import { useOpenWorkflow } from '../open/open-workflow'
import { ChangeList } from './change-list'
import { useFirstFocus } from './use-first-focus'
import { useKeeper, useSaveState } from './use-saving'

/** Offers what was drawn before and never saved; says when this browser cannot keep what is drawn. */
export function KeptBanner() {
  const { offered, failing } = useKeeper()
  const unsaved = useSaveState().kind !== 'saved'
  const lock = useLock()
  const [first] = offered
  return (
    <>
      {failing && unsaved && (
        <Banner tone="warn">
          This browser cannot keep unsaved changes: they are gone with the page. Save before you leave it.
        </Banner>
      )}
      {first !== undefined && <Offer key={first.id} kept={first} more={offered.length - 1} lock={lock} />}
    </>
  )
}

interface OfferProps {
  kept: KeptDraft
  /** How many others are kept. */
  more: number
  lock: string | null
}

function Offer({ kept, more, lock }: OfferProps) {
  const { keeper } = useOpenWorkflow()
  const [shown, setShown] = useState<'changes' | 'throw' | null>(null)
  const close = () => setShown(null)
  const takeUp = () => {
    close()
    keeper.takeUp(kept)
  }
  return (
    <Banner>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1.5">
        <span className="min-w-0 grow">
          Changes of <Time at={kept.at} /> were never saved
          {more > 0 && `, and ${more} older draft${more === 1 ? '' : 's'}`}.
        </span>
        <Button refused={lock} onClick={takeUp}>
          Take it up again
        </Button>
        <Button variant="ghost" onClick={() => setShown('changes')}>
          Show what differs
        </Button>
        <Button variant="ghost" onClick={() => setShown('throw')}>
          Throw it away
        </Button>
      </div>
      <Dialog
        open={shown === 'changes'}
        onOpenChange={(open) => !open && close()}
        title="What was never saved"
        description="Compared with what is drawn now."
        wide
      >
        <Differences kept={kept} />
        <DialogActions>
          <CloseButton onClick={close} />
          <Button variant="primary" refused={lock} onClick={takeUp}>
            Take it up again
          </Button>
        </DialogActions>
      </Dialog>
      <ConfirmDialog
        open={shown === 'throw'}
        onOpenChange={(open) => !open && close()}
        title="Throw the unsaved changes away?"
        action="Throw it away"
        onConfirm={() => keeper.throwAway(kept)}
      >
        <p>This browser keeps them, and nobody else has them. They cannot be brought back.</p>
      </ConfirmDialog>
    </Banner>
  )
}

function CloseButton({ onClick }: { onClick: () => void }) {
  return (
    <Button ref={useFirstFocus()} onClick={onClick}>
      Back
    </Button>
  )
}

function Differences({ kept }: { kept: KeptDraft }) {
  const drawn = useDraft(({ history }) => history.present)
  return (
    <DialogBody>
      <ChangeList label="Unsaved changes" changes={changesBetween(drawn, kept.graph)} />
    </DialogBody>
  )
}
