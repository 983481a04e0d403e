import { useCallback, useEffect, useState } from 'react'
import { Button } from '@/components/ui/button'
import type { Asked } from '../open/canvas-store'
import { useCanvas } from '../open/hooks'
import { useOpenWorkflow } from '../open/open-workflow'
import { ConnectDialog } from './connect-dialog'
import { Floating } from './floating'
import { QuickAdd } from './quick-add'

/** What is asked before something is drawn, or said instead. */
export function Questions() {
  const { stores } = useOpenWorkflow()
  const asked = useCanvas((state) => state.asked)
  const close = useCallback(() => stores.canvas.setState({ asked: null }), [stores])
  switch (asked?.kind) {
    case undefined:
      return null
    case 'add':
      return <QuickAdd point={asked.point} from={asked.from} onClose={close} />
    case 'choose':
      return <RuleChoice asked={asked} onClose={close} />
    case 'refused':
      return <Refusal key={asked.refused.message} asked={asked} onClose={close} />
    case 'connect':
      return <ConnectDialog from={asked.from} onClose={close} />
  }
}

type Of<Kind extends Asked['kind']> = Extract<Asked, { kind: Kind }>

/** Which of several rules a wire is drawn by. */
function RuleChoice({ asked, onClose }: { asked: Of<'choose'>; onClose: () => void }) {
  const { editing } = useOpenWorkflow()
  const { source, target, instead } = asked
  return (
    <Floating point={asked.point} label="What the wire does" onClose={onClose} className="w-80 p-1.5">
      <ul>
        {asked.rules.map((rule, index) => (
          <li key={rule.id}>
            <button
              type="button"
              // it was asked for just now: the answer is one key away
              // eslint-disable-next-line jsx-a11y/no-autofocus
              autoFocus={index === 0}
              className="w-full rounded-control px-2.5 py-1.5 text-left hover:bg-sunken"
              onClick={() => {
                onClose()
                if (instead === null) editing.connect(rule, source, target)
                else editing.reattach(instead, rule, source, target)
              }}
            >
              <span className="block text-dense font-medium">{rule.label}</span>
              <span className="block text-meta text-text-muted">{rule.effect.text}</span>
            </button>
          </li>
        ))}
      </ul>
    </Floating>
  )
}

const STAYS_MS = 8000

/** Why a wire was not drawn, and what can be done instead; it stays while it is looked at. */
function Refusal({ asked, onClose }: { asked: Of<'refused'>; onClose: () => void }) {
  const { editing } = useOpenWorkflow()
  const [held, setHeld] = useState(false)
  useEffect(() => {
    if (held) return
    const timer = setTimeout(onClose, STAYS_MS)
    return () => clearTimeout(timer)
  }, [held, onClose])
  const { refused, source, target } = asked
  return (
    <Floating point={asked.point} label="Why they cannot be connected" onClose={onClose} className="w-72 p-3">
      {/* holding the pointer or the focus on it is no action of its own */}
      {/* eslint-disable-next-line jsx-a11y/no-static-element-interactions */}
      <div
        onPointerEnter={() => setHeld(true)}
        onPointerLeave={() => setHeld(false)}
        onFocus={() => setHeld(true)}
        onBlur={() => setHeld(false)}
        className="grid gap-2.5"
      >
        <p className="text-dense">{refused.message}</p>
        <div className="flex gap-2">
          {refused.remedy !== null && (
            <Button
              variant="primary"
              onClick={() => {
                onClose()
                editing.remedy(refused, source, target)
              }}
            >
              {refused.remedy.text}
            </Button>
          )}
          <Button variant="ghost" onClick={onClose}>
            Close
          </Button>
        </div>
      </div>
    </Floating>
  )
}
