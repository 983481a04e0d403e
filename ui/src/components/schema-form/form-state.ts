import { createContext, useContext, type ComponentType } from 'react'
import type { ControlProps } from '@/components/ui/field'
import type { JsonObject, JsonPointer } from '@/lib/schema/json'
import type { Field, Form } from './model'

/** One field changed; `ABSENT` as value removes it. `typing` marks keystrokes that belong to one step of undo. */
export type Change = { path: JsonPointer; value: unknown; label: string; typing: boolean }
/** A value that something else gives. */
export type Locked = { path: JsonPointer; value: unknown; from: string }
export type Problem = { path: JsonPointer; message: string; severity: string }
export type Choices = {
  items: readonly { value: string; label?: string }[]
  state: 'loading' | 'away' | 'ready'
  /** Why there are none. */
  reason?: string
}
export type AskChoices = (optionsFrom: string, path: JsonPointer) => Choices

export type Said = { message: string; severity: string }

/** What every field of a form knows of the form. */
export type FormState = {
  form: Form
  value: unknown
  /** What conditions look at. */
  scope: JsonObject
  /** What the browser found, by the field that shows it. */
  complaints: ReadonlyMap<JsonPointer, readonly string[]>
  /** What came from outside, by the field that shows it. */
  problems: ReadonlyMap<JsonPointer, readonly Said[]>
  locked: readonly Locked[]
  choices: AskChoices
  readOnly: boolean
  /** The field that is to have focus. */
  focusPath: JsonPointer | null
  change: (path: JsonPointer, value: unknown, label: string, typing?: boolean) => void
  onJump: ((from: string) => void) | null
  widgets: Readonly<Record<string, Widget>>
  /** Draws a field; here, because widgets draw fields and fields draw widgets. */
  FieldView: ComponentType<{ field: Field; bare?: boolean }>
}

/** Text that is not a value yet, and what is wrong with it. */
export type Draft = { text: string; problem: string | null }

export type WidgetProps = {
  field: Field
  /** What is set, or `ABSENT`. */
  value: unknown
  /** For the element that takes the input. */
  control: ControlProps & { 'aria-required'?: boolean; 'aria-label'?: string }
  readOnly: boolean
  draft: Draft | null
  /** Keep text that is not, or not yet, how its value is written. */
  keep: (text: string, of: unknown, problem?: string) => void
  set: (value: unknown, typing?: boolean) => void
}

export type Widget = {
  /** One control with a label; else a group of fields that draws its own. */
  single: boolean
  Component: ComponentType<WidgetProps>
}

const Context = createContext<FormState | null>(null)
export const FormProvider = Context.Provider

export function useForm(): FormState {
  const state = useContext(Context)
  if (state === null) throw new Error('A field stands outside of a SchemaForm.')
  return state
}
