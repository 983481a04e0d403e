import { useId } from 'react'
import { textOf } from '@/components/objects/diff'
import { isObject } from '@/lib/schema/conditions'
import type { Choice, Clash } from '../graph/merge'

interface ClashListProps {
  clashes: readonly Clash[]
  choices: ReadonlyMap<string, Choice>
  onChoose: (key: string, choice: Choice) => void
  /** What people call a node, or a wire by its ends. */
  called: (clash: Clash) => string
  nameOf: (nodeId: string) => string
}

/** What both sides changed, each in another way: one of the two is chosen for each. */
export function ClashList({ clashes, choices, onChoose, called, nameOf }: ClashListProps) {
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-3">
      {clashes.map((clash) => (
        <fieldset
          key={clash.key}
          className="grid grid-cols-[minmax(0,1fr)] gap-1.5 rounded-control border border-line p-3"
        >
          <legend className="px-1 text-dense font-semibold wrap-anywhere">
            {called(clash)}
            {clash.path !== '' && `: ${clash.path.replace(/^data\./, '')}`}
          </legend>
          <div className="grid gap-2 sm:grid-cols-2">
            {(['mine', 'theirs'] as const).map((side) => (
              <Side
                key={side}
                label={side === 'mine' ? 'Mine' : 'Theirs'}
                text={saidOf(clash, side, nameOf)}
                name={clash.key}
                checked={choices.get(clash.key) === side}
                onChoose={() => onChoose(clash.key, side)}
              />
            ))}
          </div>
        </fieldset>
      ))}
    </div>
  )
}

interface SideProps {
  label: string
  text: string
  name: string
  checked: boolean
  onChoose: () => void
}

function Side({ label, text, name, checked, onChoose }: SideProps) {
  const id = useId()
  return (
    <div className="flex min-w-0 items-start gap-2">
      <input
        id={id}
        type="radio"
        name={name}
        checked={checked}
        onChange={onChoose}
        aria-describedby={`${id}-text`}
        className="mt-0.5 size-4 shrink-0 accent-accent"
      />
      <div className="grid min-w-0 grow gap-1">
        <label htmlFor={id} className="text-dense font-medium">
          {label}
        </label>
        <pre
          id={`${id}-text`}
          className="max-h-40 overflow-y-auto rounded-control bg-sunken px-2 py-1 font-mono text-mono whitespace-pre-wrap wrap-anywhere"
        >
          {text}
        </pre>
      </div>
    </div>
  )
}

/** One side of a clash in words. */
function saidOf(clash: Clash, side: Choice, nameOf: (nodeId: string) => string): string {
  const value = clash[side]
  if (value === undefined) return clash.path === '' ? 'Removed' : 'Left out'
  if (clash.path === '') return clash.base === undefined ? 'As added here' : 'Kept, as changed'
  if (clash.path === 'ends' && isObject(value))
    return `${nameOf(String(value.source))} → ${nameOf(String(value.target))}`
  return textOf(value)
}
