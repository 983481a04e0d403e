import { cleanup } from '@testing-library/react'
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import type { Schema } from '@/lib/api/client'
import { ABSENT, isObject, lookup } from '@/lib/schema/conditions'
import type { JsonObject } from '@/lib/schema/json'
import { sharedFixture } from '@/testing/shared-fixture'
import { complaintsOf } from './check'
import { renderForm } from './held-form.fixture'
import { itemOf, membersOf, resolved, rootOf, variantsOf, type Field, type Form } from './model'
import { setAt } from './set-at'
import { widgetOf } from './widget-of'
import { WIDGETS } from './widgets/table'

const { items: types } = sharedFixture<Schema<'NodeTypes'>>('node-types.json')
const named = types.map((type) => [type.type, type] as const)
const formOf = ({ schema, ui, defaults }: Schema<'NodeType'>): Form => ({ schema, hints: ui, defaults })

/** A value with something in every place that a schema knows, down to a depth. */
function filled(form: Form, raw: unknown, depth: number): unknown {
  const schema = resolved(form, raw)
  const variants = variantsOf(form, schema)
  const [first] = variants?.of ?? []
  if (first !== undefined) return filled(form, first.schema, depth)
  if ('const' in schema) return schema.const
  if (Array.isArray(schema.enum)) return schema.enum[0]
  switch (schema.type) {
    case 'integer':
    case 'number':
      return typeof schema.minimum === 'number' ? schema.minimum : 1
    case 'boolean':
      return true
    case 'array':
      return depth > 0 ? [filled(form, schema.items, depth - 1), filled(form, schema.items, depth - 1)] : []
    case 'object':
      return depth > 0 ? filledObject(form, schema, depth) : {}
    default:
      return 'web'
  }
}

function filledObject(
  form: Form,
  { properties, additionalProperties }: JsonObject,
  depth: number,
): JsonObject {
  if (!isObject(properties))
    return isObject(additionalProperties) ? { key: filled(form, additionalProperties, 0) } : {}
  return Object.fromEntries(
    Object.entries(properties).map(([name, each]) => [name, filled(form, each, depth - 1)]),
  )
}

/** All fields of a form for a value, as far down as they have fields. */
function fieldsOf(form: Form, value: unknown, field: Field = rootOf(form)): Field[] {
  const at = lookup(value, field.path)
  if (Array.isArray(at))
    return at.flatMap((_, index) => {
      const item = itemOf(form, field, index)
      return [item, ...fieldsOf(form, value, item)]
    })
  if (!isObject(at)) return []
  const variants = variantsOf(form, field.schema)
  const shape = variants?.of.find((each) => at[variants.name] === each.value)?.schema ?? field.schema
  return membersOf(form, field, shape).flatMap((each) => [each, ...fieldsOf(form, value, each)])
}

afterEach(() => cleanup())

describe.each(named)('the form of %s', (_name, type) => {
  const form = formOf(type)
  const full = filled(form, type.schema, 3)
  const value = { ...(isObject(full) ? full : {}), from_a_newer_server: { kept: [1, null] } }

  it('knows a widget for every field, and none is fallen back from for want of one', () => {
    const fields = fieldsOf(form, value)
    expect(fields.length).toBeGreaterThan(0)
    expect(fields.filter((field) => WIDGETS[widgetOf(form, field, ABSENT)] === undefined)).toEqual([])
    const unknown = Object.entries(type.ui).filter(
      ([, { widget }]) =>
        typeof widget !== 'string' || (widget !== 'hidden' && WIDGETS[widget] === undefined),
    )
    expect(unknown).toEqual([])
  })

  it('draws a value with everything in it, and changes nothing by itself', () => {
    const { changes, value: current } = renderForm({ schema: type.schema, hints: type.ui, value })
    expect(changes).toEqual([])
    expect(current()).toBe(value)
  })

  it('draws values of any other type without a fall', () => {
    const strange = fc.constantFrom<unknown>(null, 7, true, 'text', [], [[null]], [{ a: 1 }], {}, { a: [1] })
    const names = Object.keys(isObject(type.schema.properties) ? type.schema.properties : {})
    fc.assert(
      fc.property(fc.constantFrom(...names), strange, (name, other) => {
        const { changes, unmount } = renderForm({
          schema: type.schema,
          hints: type.ui,
          value: { [name]: other },
        })
        expect(changes).toEqual([])
        unmount()
      }),
      { numRuns: 8 },
    )
  })

  it('changes one field at a time: the others, and what it does not know, stay', () => {
    const fields = fieldsOf(form, value).filter(({ path }) => lookup(value, path) !== ABSENT)
    fc.assert(
      fc.property(fc.constantFrom(...fields), fc.jsonValue(), (field, next) => {
        const after = setAt(value, field.path, next)
        expect(lookup(after, field.path)).toEqual(next)
        expect(lookup(after, '/from_a_newer_server')).toBe(value.from_a_newer_server)
        for (const { path } of fields)
          if (!path.startsWith(field.path) && !field.path.startsWith(path))
            expect(lookup(after, path)).toBe(lookup(value, path))
        expect(setAt(after, field.path, lookup(value, field.path))).toEqual(value)
      }),
      { numRuns: 60 },
    )
  })

  it('finds nothing wrong with its defaults but what is missing', () => {
    const complaints = complaintsOf(form, type.defaults)
    const required = Array.isArray(type.schema.required) ? type.schema.required : []
    const missing = required.filter((name) => lookup(type.defaults, `/${String(name)}`) === ABSENT)
    expect(complaints.map(({ path, message }) => [path, message])).toEqual(
      missing.map((name) => [`/${String(name)}`, 'This is needed.']),
    )
  })
})
