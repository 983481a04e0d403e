import { Eye, EyeOff, ChevronDown, Search, X } from 'lucide-react'
import { useRef, useState, type ComponentProps } from 'react'
import { cx } from '@/lib/format/classes'

const BOX =
  'w-full rounded-control border border-line-strong bg-surface text-text transition-colors ' +
  'aria-invalid:border-status-bad disabled:bg-sunken disabled:text-text-muted'

/** One line of text. */
export function Input({ className, ...rest }: ComponentProps<'input'>) {
  return <input {...rest} className={cx(BOX, 'h-control px-2.5 text-body read-only:bg-sunken', className)} />
}

/** Several lines of text; `mono` for what machines read. */
export function Textarea({
  className,
  mono = false,
  ...rest
}: ComponentProps<'textarea'> & { mono?: boolean }) {
  return (
    <textarea
      {...rest}
      className={cx(
        BOX,
        'min-h-16 resize-y px-2.5 py-1.5',
        mono ? 'font-mono text-mono' : 'text-body',
        className,
      )}
    />
  )
}

/** The browser's own list of choices. */
export function Select({ className, children, ...rest }: ComponentProps<'select'>) {
  return (
    <span className={cx('relative block', className)}>
      <select {...rest} className={cx(BOX, 'h-control appearance-none pr-8 pl-2.5 text-body')}>
        {children}
      </select>
      <ChevronDown
        aria-hidden
        size={15}
        className="pointer-events-none absolute top-1/2 right-2.5 -translate-y-1/2 text-text-muted"
      />
    </span>
  )
}

/** A password that can be shown; pasting and password managers work. */
export function PasswordInput({ className, ...rest }: ComponentProps<'input'>) {
  const [shown, setShown] = useState(false)
  const Icon = shown ? EyeOff : Eye
  return (
    <span className="relative block">
      <Input {...rest} type={shown ? 'text' : 'password'} className={cx('pr-9', className)} />
      <button
        type="button"
        aria-label={shown ? 'Hide password' : 'Show password'}
        aria-pressed={shown}
        onClick={() => setShown(!shown)}
        className="absolute inset-y-0 right-0 grid w-9 place-items-center rounded-control text-text-muted hover:text-text"
      >
        <Icon aria-hidden size={16} />
      </button>
    </span>
  )
}

interface SearchInputProps extends Omit<ComponentProps<'input'>, 'value' | 'onChange' | 'type'> {
  label: string
  value: string
  onChange: (value: string) => void
}

/** A search that can be cleared. */
export function SearchInput({ label, value, onChange, className, ...rest }: SearchInputProps) {
  const box = useRef<HTMLInputElement>(null)
  return (
    <span role="search" className={cx('relative block', className)}>
      <Search
        aria-hidden
        size={15}
        className="pointer-events-none absolute top-1/2 left-2.5 -translate-y-1/2 text-text-muted"
      />
      <Input
        {...rest}
        ref={box}
        type="text"
        inputMode="search"
        enterKeyHint="search"
        autoComplete="off"
        spellCheck={false}
        aria-label={label}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        className="px-8"
      />
      {value && (
        <button
          type="button"
          aria-label="Clear search"
          onClick={() => {
            onChange('')
            box.current?.focus()
          }}
          className="absolute inset-y-0 right-0 grid w-8 place-items-center rounded-control text-text-muted hover:text-text"
        >
          <X aria-hidden size={15} />
        </button>
      )}
    </span>
  )
}

interface CheckboxProps extends Omit<ComponentProps<'input'>, 'type'> {
  label: string
  help?: string
}

/** A box to tick, with its label. */
export function Checkbox({ label, help, className, ...rest }: CheckboxProps) {
  return (
    <label className={cx('flex items-start gap-2.5', className)}>
      <input {...rest} type="checkbox" className="mt-0.5 size-4 shrink-0 accent-accent" />
      <span>
        <span className="block text-body">{label}</span>
        {help && <span className="block text-meta text-text-muted">{help}</span>}
      </span>
    </label>
  )
}
