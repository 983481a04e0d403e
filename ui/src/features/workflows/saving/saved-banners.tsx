import { useState } from 'react'
import { Button } from '@/components/ui/button'
import { Dialog } from '@/components/ui/dialog'
import { Banner } from '@/components/ui/panels'
import { Time } from '@/components/ui/time'
import { useDraft } from '../open/hooks'
import { useOpenWorkflow } from '../open/open-workflow'
import { SaveCopy } from './save-copy'
import { useSaveState, useSavingState } from './use-saving'

/** Says that somebody else has saved while there are changes here, before it comes to a conflict. */
export function BehindBanner() {
  const { saving } = useOpenWorkflow()
  const isBehind = useDraft(({ behind }) => behind !== null)
  const { kind } = useSaveState()
  const { other } = useSavingState()
  if (!isBehind || (kind !== 'unsaved' && kind !== 'failed')) return null
  return (
    <Banner tone="warn" action={<Button onClick={() => void saving.save()}>Compare and decide</Button>}>
      {other?.name || 'Somebody else'} has saved
      {other?.at != null && (
        <>
          {' '}
          <Time at={other.at} />
        </>
      )}
      , and your unsaved changes are not in it. What is drawn here stays as it is.
    </Banner>
  )
}

/** Says that the workflow has been deleted while there are changes here, which can be saved elsewhere. */
export function GoneBanner() {
  const { draft } = useOpenWorkflow()
  const state = useSaveState()
  const [copying, setCopying] = useState(false)
  if (state.kind !== 'failed' || !state.gone) return null
  const onSaved = () => {
    const { base, history } = draft.getState()
    draft.saved({ ...base, graph: history.present })
  }
  return (
    <Banner tone="bad" alert action={<Button onClick={() => setCopying(true)}>Save as copy</Button>}>
      {state.reason}
      <Dialog open={copying} onOpenChange={setCopying} title="Save what is drawn as a workflow of its own">
        <SaveCopy onBack={() => setCopying(false)} onSaved={onSaved} />
      </Dialog>
    </Banner>
  )
}
