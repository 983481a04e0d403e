import { X } from 'lucide-react'
import { useRef, useState, type KeyboardEvent } from 'react'
import type { ControlProps } from '@/components/ui/field'
import { cx } from '@/lib/format/classes'
import { announce } from '@/lib/a11y/announce'
import { LONGEST_TAG, withTags } from './values'

interface TagsFieldProps {
  control: ControlProps
  tags: readonly string[]
  disabled?: boolean
  onChange: (tags: string[]) => void
}

/** Tags as chips with a field for the next one: Enter or a comma adds it, Backspace takes the last one away. */
export function TagsField({ control, tags, disabled = false, onChange }: TagsFieldProps) {
  const [text, setText] = useState('')
  const field = useRef<HTMLInputElement>(null)
  const add = () => {
    setText('')
    if (text.trim() !== '') onChange(withTags(tags, text))
  }
  const remove = (tag: string) => {
    onChange(tags.filter((each) => each !== tag))
    announce(`${tag} is taken away`)
    field.current?.focus()
  }
  const pressed = (event: KeyboardEvent) => {
    const last = tags.at(-1)
    if (event.key === 'Enter' && text.trim() !== '') {
      event.preventDefault()
      add()
    } else if (event.key === ',') {
      event.preventDefault()
      add()
    } else if (event.key === 'Backspace' && text === '' && last !== undefined) remove(last)
  }
  return (
    <div
      className={cx(
        'flex min-h-control flex-wrap items-center gap-1.5 rounded-control border px-1.5 py-1 has-focus-visible:outline-2',
        'outline-offset-2 outline-focus',
        control['aria-invalid'] ? 'border-status-bad' : 'border-line-strong',
        disabled ? 'bg-sunken' : 'bg-surface',
      )}
    >
      {tags.length > 0 && (
        <ul aria-label="Tags" className="contents">
          {tags.map((tag) => (
            <li
              key={tag}
              className="flex h-6 max-w-full items-center gap-0.5 rounded-full bg-sunken pl-2.5 text-meta font-medium"
            >
              <span className={cx('truncate', disabled && 'pr-2.5')}>{tag}</span>
              {!disabled && (
                <button
                  type="button"
                  aria-label={`Remove tag ${tag}`}
                  onClick={() => remove(tag)}
                  className="grid size-6 shrink-0 place-items-center rounded-full text-text-muted hover:text-text"
                >
                  <X aria-hidden size={13} />
                </button>
              )}
            </li>
          ))}
        </ul>
      )}
      <input
        {...control}
        ref={field}
        type="text"
        value={text}
        maxLength={LONGEST_TAG}
        disabled={disabled}
        autoComplete="off"
        spellCheck={false}
        onChange={({ target }) => setText(target.value)}
        onKeyDown={pressed}
        onBlur={add}
        className="h-6 min-w-28 grow bg-transparent px-1 text-body outline-none"
      />
    </div>
  )
}
