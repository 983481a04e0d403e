import type { ReactNode } from 'react'
import { Banner } from '@/components/ui/panels'
import { Glyph } from './glyph'
import { ACTIONS, type Action } from './actions'
import type { PlanItem } from './plan-item'

interface ObjectHeadProps {
  object: { kind: string; namespace: string | null; name: string }
  action: Action
  /** At its right. */
  children?: ReactNode
}

/** What is done with which object. */
export function ObjectHead({ object: { kind, namespace, name }, action, children }: ObjectHeadProps) {
  return (
    <header className="flex items-start gap-2.5">
      <Glyph look={ACTIONS[action]} className="mt-0.5" />
      <div className="min-w-0 grow">
        <h3 className="text-body font-semibold wrap-anywhere">{name}</h3>
        <p className="text-meta text-text-muted">
          {kind}
          {namespace !== null && <> in {namespace}</>}
        </p>
      </div>
      {children}
    </header>
  )
}

const WITHOUT_REASON: Partial<Record<PlanItem['action'], string>> = {
  create: 'It is made; nothing of this name is on the cluster.',
  prune: 'The graph has it no longer, so it is removed. Its last YAML is kept with the run.',
  unchanged: 'It is as the graph says. Nothing is sent.',
  keep: 'It stays as it is.',
}

/** Why that is done with an object. */
export function Why({ item }: { item: PlanItem }) {
  const { tone } = ACTIONS[item.action]
  const words = item.reason || WITHOUT_REASON[item.action]
  if (words === undefined) return null
  if (tone === 'bad' && item.reason !== '') {
    return (
      <Banner tone="bad">
        <span className="wrap-anywhere">{item.reason}</span>
      </Banner>
    )
  }
  return (
    <p className="text-dense wrap-anywhere text-text-muted">
      {item.action === 'keep' && item.reason !== '' ? `It stays, because ${item.reason}.` : words}
    </p>
  )
}
