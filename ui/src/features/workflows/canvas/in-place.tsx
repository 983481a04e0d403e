import { useState } from 'react'
import { cx } from '@/lib/format/classes'

interface InPlaceProps {
  text: string
  label: string
  placeholder?: string
  /** Several lines. */
  many?: boolean
  locked: boolean
  onDone: (text: string) => void
}

/** Words that can be written where they stand: double-click or Enter begins, leaving keeps, Escape drops. */
export function InPlace({ text, label, placeholder = '', many = false, locked, onDone }: InPlaceProps) {
  const [written, setWritten] = useState<string | null>(null)
  const keep = () => {
    if (written !== null && written !== text) onDone(written)
    setWritten(null)
  }
  if (written === null) {
    return (
      <button
        type="button"
        aria-label={`${label}: ${text === '' ? 'empty' : text}`}
        className={cx('in-place', text === '' && 'text-text-muted')}
        onDoubleClick={() => !locked && setWritten(text)}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || locked) return
          event.preventDefault()
          event.stopPropagation()
          setWritten(text)
        }}
      >
        {text === '' ? placeholder : text}
      </button>
    )
  }
  const field = {
    'aria-label': label,
    value: written,
    // the field stands where the words were that somebody has just chosen
    autoFocus: true,
    className: 'nodrag nopan nowheel in-place-field',
    onBlur: keep,
    onChange: (event: { target: { value: string } }) => setWritten(event.target.value),
    onKeyDown: (event: React.KeyboardEvent) => {
      event.stopPropagation()
      if (event.key === 'Escape') setWritten(null)
      if (event.key === 'Enter' && !many) keep()
    },
  }
  return many ? <textarea rows={4} {...field} /> : <input {...field} />
}
