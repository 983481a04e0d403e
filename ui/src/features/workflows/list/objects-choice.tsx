import type { ObjectsChoice } from '@/api/workflows'

const CHOICES: { value: ObjectsChoice; label: string; help: (namespace: string) => string }[] = [
  {
    value: 'teardown',
    label: 'Remove it from the cluster',
    help: () => 'A run removes it first. What holds data stays, but for what you choose.',
  },
  {
    value: 'orphan',
    label: 'Leave it there',
    help: (namespace) => `It goes on running in the namespace ${namespace}, and belongs to nobody here.`,
  },
]

interface ObjectsChoiceProps {
  namespace: string
  choice: ObjectsChoice
  onChange: (choice: ObjectsChoice) => void
}

/** What becomes of what a workflow has on its cluster. */
export function ObjectsChoiceField({ namespace, choice, onChange }: ObjectsChoiceProps) {
  return (
    <fieldset className="mt-1 grid gap-2.5 text-text">
      <legend className="mb-1.5 text-dense font-medium">What it has on its cluster</legend>
      {CHOICES.map(({ value, label, help }) => (
        <div key={value} className="flex items-start gap-2.5">
          <input
            type="radio"
            id={`objects-${value}`}
            name="objects"
            value={value}
            checked={choice === value}
            onChange={() => onChange(value)}
            aria-describedby={`objects-${value}-help`}
            className="mt-0.5 size-4 shrink-0 accent-accent"
          />
          <div>
            <label htmlFor={`objects-${value}`} className="block text-body">
              {label}
            </label>
            <p id={`objects-${value}-help`} className="text-meta text-text-muted">
              {help(namespace)}
            </p>
          </div>
        </div>
      ))}
    </fieldset>
  )
}
