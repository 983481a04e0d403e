import { FileUp } from 'lucide-react'
import { useId, useRef, useState, type DragEvent } from 'react'
import { Button } from '@/components/ui/button'
import { Field } from '@/components/ui/field'
import { cx } from '@/lib/format/classes'

/** What a new workflow begins with. */
export type Start = 'blank' | 'file'

const STARTS: readonly { value: Start; label: string; help: string }[] = [
  { value: 'blank', label: 'Blank', help: 'An empty graph to draw on.' },
  {
    value: 'file',
    label: 'An exported file',
    help: 'The YAML of a workflow that was exported here: the same graph, without secret values.',
  },
]

interface StartFromProps {
  start: Start
  onChange: (start: Start) => void
}

/** Asks what a new workflow begins with. */
export function StartFrom({ start, onChange }: StartFromProps) {
  const id = useId()
  return (
    <fieldset className="grid gap-2.5">
      <legend className="mb-1.5 text-dense font-medium">Start from</legend>
      <div className="grid gap-2.5 sm:grid-cols-2">
        {STARTS.map(({ value, label, help }) => (
          <div key={value} className="flex items-start gap-2.5">
            <input
              type="radio"
              id={`${id}-${value}`}
              name={id}
              value={value}
              checked={start === value}
              onChange={() => onChange(value)}
              aria-describedby={`${id}-${value}-help`}
              className="mt-0.5 size-4 shrink-0 accent-accent"
            />
            <div>
              <label htmlFor={`${id}-${value}`} className="block text-body">
                {label}
              </label>
              <p id={`${id}-${value}-help`} className="text-meta text-text-muted">
                {help}
              </p>
            </div>
          </div>
        ))}
      </div>
    </fieldset>
  )
}

interface FileFieldProps {
  /** The file that was chosen. */
  chosen: string | null
  error?: string
  onFile: (file: File) => void
}

/** A file, chosen from a list or dropped. */
export function FileField({ chosen, error, onFile }: FileFieldProps) {
  const picker = useRef<HTMLInputElement>(null)
  const [over, setOver] = useState(false)
  const take = (files: FileList | null) => {
    const file = files?.[0]
    if (file !== undefined) onFile(file)
  }
  const drop = (event: DragEvent) => {
    event.preventDefault()
    setOver(false)
    take(event.dataTransfer.files)
  }
  return (
    <Field label="Exported file" error={error}>
      {(control) => (
        // a place to drop on; the button in it does the same by keys
        // eslint-disable-next-line jsx-a11y/no-static-element-interactions
        <div
          onDragOver={(event) => {
            event.preventDefault()
            setOver(true)
          }}
          onDragLeave={() => setOver(false)}
          onDrop={drop}
          className={cx(
            'flex flex-wrap items-center gap-3 rounded-control border border-dashed px-3 py-3',
            over ? 'border-accent bg-accent/8' : error ? 'border-status-bad' : 'border-line-strong',
          )}
        >
          <input
            {...control}
            ref={picker}
            type="file"
            accept=".yaml,.yml,application/yaml"
            tabIndex={-1}
            onChange={({ target }) => {
              take(target.files)
              // the same file can be chosen again once it was changed
              target.value = ''
            }}
            className="sr-only"
          />
          <Button icon={FileUp} onClick={() => picker.current?.click()}>
            {chosen === null ? 'Choose a file' : 'Choose another file'}
          </Button>
          <p className="min-w-0 grow text-dense wrap-anywhere">
            {chosen ?? <span className="text-text-muted">or drop it here</span>}
          </p>
        </div>
      )}
    </Field>
  )
}
