/** What the browser finds wrong with a value at once, in plain words. Pure. */
import { z } from '@/lib/config/zod'
import { ABSENT, isObject, lookup, partsOf } from '@/lib/schema/conditions'
import type { JsonObject, JsonPointer } from '@/lib/schema/json'
import { choicesIn, pointerTo, resolved, variantsOf, type Form } from './model'

export type Complaint = { path: JsonPointer; message: string }
type Issue = z.core.$ZodIssue

const compiled = new WeakMap<JsonObject, { check: z.ZodType | null }>()

/** The checks of a schema, made once; null when they cannot be made of it, and the server alone checks. */
function checksOf(schema: JsonObject): z.ZodType | null {
  const known = compiled.get(schema) ?? { check: compile(schema) }
  compiled.set(schema, known)
  return known.check
}

function compile(schema: JsonObject): z.ZodType | null {
  try {
    return z.fromJSONSchema(schema)
  } catch {
    return null
  }
}

/** What is wrong with a value, each with the place that it is about. */
export function complaintsOf(form: Form, value: unknown): Complaint[] {
  const issues = checksOf(form.schema)?.safeParse(value).error?.issues ?? []
  return issues.flatMap((issue) => told(form, value, issue, ''))
}

function told(form: Form, value: unknown, issue: Issue, below: JsonPointer): Complaint[] {
  const path = issue.path.reduce<JsonPointer>((at, part) => pointerTo(at, String(part)), below)
  if (issue.code === 'unrecognized_keys') return []
  if (issue.code === 'invalid_union') return ofUnion(form, value, issue, path)
  if (issue.code === 'invalid_key') {
    const names = schemaAt(form, value, path.slice(0, path.lastIndexOf('/'))).propertyNames
    return [{ path, message: sentenceOf(isObject(names) ? names : {}) ?? 'This name is not allowed.' }]
  }
  return [{ path, message: messageOf(issue, schemaAt(form, value, path), lookup(value, path)) }]
}

/** Of several forms that a value may take, only what is wrong in the one that it has. */
function ofUnion(
  form: Form,
  value: unknown,
  issue: Extract<Issue, { code: 'invalid_union' }>,
  path: JsonPointer,
): Complaint[] {
  const found = lookup(value, path)
  if (found === ABSENT) return [{ path, message: MISSING }]
  const variants = variantsOf(form, rawSchemaAt(form, value, path))
  const index = variants?.of.findIndex((each) => isObject(found) && found[variants.name] === each.value) ?? -1
  const errors = issue.errors[index]
  if (variants === null || errors === undefined) return [{ path, message: 'Choose what this is.' }]
  return errors.flatMap((each) => told(form, value, each, path))
}

const MISSING = 'This is needed.'

function messageOf(issue: Issue, schema: JsonObject, value: unknown): string {
  if (value === ABSENT) return MISSING
  if (issue.code === 'too_small' || issue.code === 'too_big') return boundOf(issue, schema)
  if (issue.code === 'invalid_value')
    return `Must be one of ${(choicesIn(schema) ?? issue.values).map(String).join(', ')}.`
  if (issue.code === 'invalid_type') return TYPES[issue.expected] ?? 'Must be something else.'
  return sentenceOf(schema) ?? 'This is not valid.'
}

const TYPES: Record<string, string> = {
  string: 'Must be text.',
  number: 'Must be a number.',
  int: 'Must be a whole number.',
  boolean: 'Must be yes or no.',
  array: 'Must be a list.',
  object: 'Must be an object.',
  record: 'Must be an object.',
}

function boundOf(issue: Extract<Issue, { code: 'too_small' | 'too_big' }>, schema: JsonObject): string {
  const least = issue.code === 'too_small'
  const bound = String(least ? issue.minimum : issue.maximum)
  if (issue.origin === 'string') {
    if (!least) return `Must have at most ${bound} characters.`
    return bound === '1' ? MISSING : (sentenceOf(schema) ?? `Must have at least ${bound} characters.`)
  }
  const most = least ? 'least' : 'most'
  return schema.type === 'array' || schema.type === 'object'
    ? `Must have at ${most} ${bound} ${bound === '1' ? 'entry' : 'entries'}.`
    : `Must be at ${most} ${bound}.`
}

/** What a schema says about itself when that is a demand. */
function sentenceOf({ description }: JsonObject): string | undefined {
  if (typeof description !== 'string' || !description.startsWith('Must ')) return undefined
  return description.endsWith('.') ? description : `${description}.`
}

/** The schema of what stands at a place of a value; of several forms the one that the value has. */
function schemaAt(form: Form, value: unknown, path: JsonPointer): JsonObject {
  return shape(form, rawSchemaAt(form, value, path), lookup(value, path))
}

function rawSchemaAt(form: Form, value: unknown, path: JsonPointer): JsonObject {
  let schema = form.schema
  let at = ''
  for (const part of path === '' ? [] : partsOf(path)) {
    schema = childOf(form, shape(form, schema, lookup(value, at)), part)
    at = pointerTo(at, part)
  }
  return schema
}

function shape(form: Form, schema: JsonObject, value: unknown): JsonObject {
  const variants = variantsOf(form, schema)
  const own = variants !== null && isObject(value) ? value[variants.name] : undefined
  return variants?.of.find((each) => each.value === own)?.schema ?? schema
}

function childOf(form: Form, schema: JsonObject, part: string): JsonObject {
  if (schema.items !== undefined) return resolved(form, schema.items)
  const properties = isObject(schema.properties) ? schema.properties : {}
  return resolved(form, Object.hasOwn(properties, part) ? properties[part] : schema.additionalProperties)
}
