import { useEffect, useMemo, useRef } from 'react'
import type { JsonObject, JsonPointer } from '@/lib/schema/json'
import { complaintsOf } from './check'
import { Problem } from './field-notes'
import { FieldView } from './field-view'
import {
  FormProvider,
  type AskChoices,
  type Change,
  type FormState,
  type Locked,
  type Problem as Reported,
} from './form-state'
import { fieldOf, unknownIn } from './locate'
import { MoreFields } from './more-fields'
import { isVisible, membersOf, rootOf, scopeOf, type Field, type Form } from './model'
import { WIDGETS } from './widgets/table'
import { humanized } from './words'

export interface SchemaFormProps {
  schema: JsonObject
  hints: Record<JsonPointer, JsonObject>
  defaults?: JsonObject
  /** Never changed by the form: what is entered comes out as changes, and back in as the next value. */
  value: JsonObject
  locked?: readonly Locked[]
  problems?: readonly Reported[]
  choices?: AskChoices
  readOnly?: boolean
  focusPath?: JsonPointer | null
  onChange: (change: Change) => void
  onJump?: (from: string) => void
}

const NO_CHOICES: AskChoices = () => ({ items: [], state: 'away' })
const NOTHING: readonly never[] = []
const NO_DEFAULTS: JsonObject = {}

/** A form made of a served schema and its hints. */
export function SchemaForm({
  schema,
  hints,
  defaults = NO_DEFAULTS,
  value,
  locked = NOTHING,
  problems = NOTHING,
  choices = NO_CHOICES,
  readOnly = false,
  focusPath = null,
  onChange,
  onJump,
}: SchemaFormProps) {
  const box = useRef<HTMLDivElement>(null)
  const form = useMemo(() => ({ schema, hints, defaults }), [schema, hints, defaults])
  const scope = useMemo(() => scopeOf(form, value), [form, value])
  const complaints = useMemo(
    () => byField(form, value, scope, complaintsOf(form, value)),
    [form, value, scope],
  )
  const reported = useMemo(() => byField(form, value, scope, problems), [form, value, scope, problems])
  const focused = focusPath === null ? null : fieldOf(form, value, scope, focusPath)
  useEffect(() => {
    if (focused !== null) focusOn(box.current, focused)
  }, [focused])
  const state: FormState = {
    form,
    value,
    scope,
    complaints: new Map([...complaints].map(([path, said]) => [path, said.map(({ message }) => message)])),
    problems: reported,
    locked,
    choices,
    readOnly,
    focusPath: focused,
    change: (path, next, label, typing = false) => onChange({ path, value: next, label, typing }),
    onJump: onJump ?? null,
    widgets: WIDGETS,
    FieldView,
  }
  return (
    <FormProvider value={state}>
      <div ref={box} className="grid gap-6">
        <Summary said={reported.get('') ?? []} />
        {groupsOf(form, scope).map(({ group, fields }) => (
          <Group key={group} title={humanized(group)} fields={fields} />
        ))}
        <Unknown names={unknownIn(form, value)} />
      </div>
    </FormProvider>
  )
}

function byField(
  form: Form,
  value: JsonObject,
  scope: JsonObject,
  all: readonly { path: JsonPointer; message: string; severity?: string }[],
): Map<JsonPointer, { message: string; severity: string }[]> {
  const found = new Map<JsonPointer, { message: string; severity: string }[]>()
  for (const { path, message, severity = 'error' } of all) {
    const field = fieldOf(form, value, scope, path)
    found.set(field, [...(found.get(field) ?? []), { message, severity }])
  }
  return found
}

function focusOn(box: HTMLElement | null, path: JsonPointer): void {
  const field = [...(box?.querySelectorAll<HTMLElement>('[data-field]') ?? [])].find(
    (each) => each.dataset.field === path,
  )
  const control = field?.querySelector<HTMLElement>('input, select, textarea, button:not([tabindex="-1"])')
  const target = control ?? field
  target?.focus()
  target?.scrollIntoView({ block: 'center' })
}

/** Where names are; its fields come from several parts of a form. */
const FIRST_GROUP = 'general'

function groupsOf(form: Form, scope: JsonObject): { group: string; fields: Field[] }[] {
  const groups = new Map<string, Field[]>()
  for (const field of membersOf(form, rootOf(form))) {
    if (!isVisible(field, scope)) continue
    groups.set(field.hint.group, [...(groups.get(field.hint.group) ?? []), field])
  }
  return [...groups]
    .map(([group, fields]) => ({ group, fields }))
    .sort((left, right) => Number(right.group === FIRST_GROUP) - Number(left.group === FIRST_GROUP))
}

function Summary({ said }: { said: readonly { message: string; severity: string }[] }) {
  if (said.length === 0) return null
  return (
    <div role="group" aria-label="Problems" className="grid gap-1 text-dense">
      {said.map(({ message, severity }) => (
        <Problem key={message} severity={severity}>
          {message}
        </Problem>
      ))}
    </div>
  )
}

function Unknown({ names }: { names: readonly string[] }) {
  if (names.length === 0) return null
  return (
    <p className="text-meta text-text-muted">
      Kept as it is, and not shown by this form: <span className="font-mono">{names.join(', ')}</span>
    </p>
  )
}

function Group({ title, fields }: { title: string; fields: Field[] }) {
  const advanced = fields.filter(({ hint }) => hint.advanced)
  // a group of one field that has its name needs no second heading to the eye
  const isSaid = fields[0]?.title === title && !fields[0].hint.advanced
  return (
    <section className="grid grid-cols-2 gap-x-3 gap-y-4 border-t border-line pt-3">
      <h3 className={isSaid ? 'sr-only' : 'col-span-full text-meta font-semibold text-text-muted'}>
        {title}
      </h3>
      {fields
        .filter(({ hint }) => !hint.advanced)
        .map((field) => (
          <FieldView key={field.path} field={field} />
        ))}
      {advanced.length > 0 && <MoreFields of={title} fields={advanced} />}
    </section>
  )
}
