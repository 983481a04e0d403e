import { useId, useState, type ReactNode } from 'react'
import { ChevronRight, RotateCcw } from 'lucide-react'
import { Button, IconButton } from '@/components/ui/button'
import { cx } from '@/lib/format/classes'
import { ABSENT, isPresent, lookup, same } from '@/lib/schema/conditions'
import { FieldNotes } from './field-notes'
import { useForm, type Draft, type FormState, type Said, type WidgetProps } from './form-state'
import { isWithin } from './locate'
import { GivenValues, LockedField } from './locked-field'
import { parentOf, takesEmptyText, type Field } from './model'
import { widgetOf } from './widget-of'
import { lower } from './words'

interface FieldViewProps {
  field: Field
  /** Without a visible label, where a column or a row names it. */
  bare?: boolean
}

/** A field: its label, the widget that its hint asks for, help, and what is wrong with it. */
export function FieldView({ field, bare = false }: FieldViewProps) {
  const form = useForm()
  const given = form.locked.filter(({ path }) => path === field.path)
  if (given.some((each) => replaces(field, each.value))) return <LockedField field={field} given={given} />
  return (
    <>
      {given.length > 0 && <GivenValues field={field} given={given} />}
      <OpenField field={field} bare={bare} />
    </>
  )
}

/** Whether a given value stands in place of the field's own; an item that is given joins those of its list. */
function replaces(field: Field, value: unknown): boolean {
  return field.schema.type !== 'array' || Array.isArray(value)
}

function OpenField({ field, bare }: { field: Field; bare: boolean }) {
  const form = useForm()
  const own = useOwn(form, field)
  const name = widgetOf(form.form, field, own.value)
  const widget = form.widgets[name] ?? form.widgets.code
  if (widget === undefined) return null
  const { Component } = widget
  const shell = { field, own, name }
  if (!widget.single)
    return (
      <Group {...shell}>
        <Component {...own.props} />
      </Group>
    )
  return (
    <Single {...shell} bare={bare}>
      <Component {...own.props} />
    </Single>
  )
}

interface Own {
  id: string
  value: unknown
  errors: readonly Said[]
  touch: () => void
  isChanged: boolean
  reset: () => void
  props: WidgetProps
}

/** A field's value, what is wrong with it, and how it is changed. */
function useOwn(form: FormState, field: Field): Own {
  const id = useId()
  const value = lookup(form.value, field.path)
  const complaints = form.complaints.get(field.path) ?? []
  const [draft, setDraft] = useState<(Draft & { of: unknown }) | null>(null)
  // what is there already may be wrong at once; what is being typed is looked at when it is left
  const [touched, setTouched] = useState(value !== ABSENT && complaints.length > 0)
  const kept = draft !== null && same(draft.of, value) ? draft : null
  const spoken = touched ? [...(kept?.problem == null ? [] : [kept.problem]), ...complaints] : []
  const errors = said(spoken, form.problems.get(field.path) ?? [])
  const title = lower(field.title)
  const set = (next: unknown, typing = false) => {
    const emptied =
      next === '' && field.place === 'member' && !(field.required && takesEmptyText(field.schema))
    const label = `Change ${title}`
    const list = parentOf(field.path)
    // the first item makes its list
    if (field.place === 'item' && !Array.isArray(lookup(form.value, list)))
      form.change(list, [next], label, typing)
    else form.change(field.path, emptied ? ABSENT : next, label, typing)
  }
  return {
    id,
    value,
    errors,
    touch: () => {
      setTouched(true)
      if (kept?.problem === null) setDraft(null)
    },
    isChanged: hasDefault(field) && value !== ABSENT && !same(value, field.fallback) && !form.readOnly,
    reset: () =>
      form.change(
        field.path,
        field.fallback === field.schema.default ? ABSENT : field.fallback,
        `Reset ${title}`,
      ),
    props: {
      field,
      value,
      readOnly: form.readOnly,
      draft: kept,
      keep: (text, of, problem) => setDraft({ text, of, problem: problem ?? null }),
      set,
      control: {
        id,
        'aria-invalid': errors.some(({ severity }) => severity === 'error') ? true : undefined,
        'aria-describedby': `${id}-notes`,
        'aria-required': field.required && field.place === 'member' ? true : undefined,
      },
    },
  }
}

/** Whether there is something to go back to; lists and objects of the schema's own are as good as nothing. */
function hasDefault({ fallback, schema }: Field): boolean {
  if (!isPresent(fallback)) return false
  return typeof fallback !== 'object' || fallback !== schema.default
}

function said(complaints: readonly string[], problems: readonly Said[]): Said[] {
  const all = [...complaints.map((message) => ({ message, severity: 'error' })), ...problems]
  return all.filter(({ message }, index) => all.findIndex((each) => each.message === message) === index)
}

interface ShellProps {
  field: Field
  own: Own
  name: string
  children: ReactNode
}

function Single({ field, own, name, bare, children }: ShellProps & { bare: boolean }) {
  const { id, touch, errors } = own
  return (
    // it hears of its control being left
    // eslint-disable-next-line jsx-a11y/no-static-element-interactions
    <div
      data-field={field.path}
      onBlur={touch}
      className={cx('grid min-w-0 content-start gap-1.5', !isCompact(field, name) && 'col-span-full')}
    >
      <div className={cx('flex min-h-6 items-center justify-between gap-2', bare && 'sr-only')}>
        <label htmlFor={id} className="text-dense font-medium">
          <Title field={field} bare={bare} />
        </label>
        {!bare && <ResetButton field={field} own={own} />}
      </div>
      {children}
      <FieldNotes id={`${id}-notes`} field={field} errors={errors} widget={name} bare={bare} />
    </div>
  )
}

const COMPACT: ReadonlySet<string> = new Set(['number', 'stepper', 'port', 'quantity', 'toggle', 'select'])
const SHORT_HELP = 36

/** Whether two of them stand side by side. */
function isCompact({ hint }: Field, widget: string): boolean {
  return COMPACT.has(widget) && hint.help.length <= SHORT_HELP && !hint.immutable && hint.optionsFrom === ''
}

function Group({ field, own, name, children }: ShellProps) {
  const form = useForm()
  const { id, touch, errors, value } = own
  const folds = name === 'object' && !field.required
  const within = [...form.problems.keys()].some((path) => isWithin(path, field.path))
  const [isOpen, setOpen] = useState(!folds || isPresent(value) || within)
  const shown = isOpen || (form.focusPath !== null && isWithin(form.focusPath, field.path))
  return (
    // it hears of its controls being left
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <div
      data-field={field.path}
      role="group"
      aria-labelledby={`${id}-title`}
      aria-describedby={`${id}-notes`}
      tabIndex={-1}
      onBlur={touch}
      className="col-span-full grid min-w-0 content-start gap-1.5"
    >
      <div className="flex min-h-6 items-center justify-between gap-2">
        {folds ? (
          <button
            type="button"
            aria-expanded={shown}
            onClick={() => setOpen(!shown)}
            className="flex min-h-6 grow items-center gap-1 rounded-control text-left text-dense font-medium"
          >
            <ChevronRight
              aria-hidden
              size={14}
              className={cx('transition-transform', shown && 'rotate-90')}
            />
            <span id={`${id}-title`}>
              <Title field={field} />
            </span>
            {!isPresent(value) && <span className="text-meta font-normal text-text-muted">not set</span>}
          </button>
        ) : (
          <span id={`${id}-title`} className="text-dense font-medium">
            <Title field={field} />
          </span>
        )}
        {folds && shown && isPresent(value) && !form.readOnly && field.place === 'member' && (
          <Button
            variant="ghost"
            className="h-6 px-1.5 text-meta"
            onClick={() => form.change(field.path, ABSENT, `Clear ${lower(field.title)}`)}
          >
            Clear
            <span className="sr-only"> {lower(field.title)}</span>
          </Button>
        )}
        <ResetButton field={field} own={own} />
      </div>
      <FieldNotes id={`${id}-notes`} field={field} errors={errors} widget={name} />
      {shown && children}
    </div>
  )
}

function Title({ field, bare = false }: { field: Field; bare?: boolean }) {
  return (
    <>
      {field.title}
      {field.required && field.place === 'member' && !bare && (
        <span aria-hidden title="needed" className="text-status-bad">
          {' *'}
        </span>
      )}
    </>
  )
}

/** What takes a changed value back to its default. */
function ResetButton({ field, own }: { field: Field; own: Own }) {
  if (!own.isChanged) return null
  return (
    <IconButton
      icon={RotateCcw}
      label={`Reset ${lower(field.title)}`}
      tooltip={`Changed. Back to ${textOf(field.fallback)}`}
      onClick={own.reset}
      className="size-6 text-accent"
    />
  )
}

/** A value in a line. */
function textOf(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'on' : 'off'
  return typeof value === 'string' ? value : JSON.stringify(value)
}
