import { render, screen } from '@testing-library/react'
import { userEvent } from '@testing-library/user-event'
import { useState } from 'react'
import { TooltipProvider } from '@/components/ui/tooltip'
import type { Schema } from '@/lib/api/client'
import type { JsonObject } from '@/lib/schema/json'
import { isObject } from '@/lib/schema/conditions'
import { sharedFixture } from '@/testing/shared-fixture'
import type { Change } from './form-state'
import { SchemaForm, type SchemaFormProps } from './schema-form'
import { setAt } from './set-at'

const { items } = sharedFixture<Schema<'NodeTypes'>>('node-types.json')

/** A node type as the server describes it. */
export function servedType(name: string): Schema<'NodeType'> {
  const type = items.find((each) => each.type === name)
  if (type === undefined) throw new Error(`The fixture has no type ${name}.`)
  return type
}

type Given = Partial<SchemaFormProps> & Pick<SchemaFormProps, 'schema' | 'value'>

/** A form whose changes are applied, as a page does it. */
export function renderForm({ value: first, hints = {}, ...rest }: Given) {
  const changes: Change[] = []
  let current: JsonObject = first
  function Held() {
    const [value, setValue] = useState(first)
    return (
      <SchemaForm
        {...rest}
        hints={hints}
        value={value}
        onChange={(change) => {
          changes.push(change)
          setValue((before) => {
            const next = setAt(before, change.path, change.value)
            current = isObject(next) ? next : {}
            return current
          })
        }}
      />
    )
  }
  const view = render(
    <TooltipProvider>
      <main>
        <h1>Node</h1>
        <h2>Configure</h2>
        <Held />
      </main>
    </TooltipProvider>,
  )
  return { ...view, changes, value: () => current, user: userEvent.setup(), screen }
}

/** The form of one field, called Field, with a schema and a hint. */
export function renderField(schema: JsonObject, widget: string, value?: unknown, hint: JsonObject = {}) {
  return renderForm({
    schema: { type: 'object', properties: { field: schema } },
    hints: { '/field': { group: 'general', order: 0, widget, title: 'Field', ...hint } },
    value: value === undefined ? {} : { field: value },
  })
}
