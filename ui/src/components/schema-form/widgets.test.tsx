import { screen } from '@testing-library/react'
import { describe, expect, it } from 'vitest'
import { ABSENT } from '@/lib/schema/conditions'
import { expectAccessible } from '@/testing/render'
import { renderField, renderForm } from './held-form.fixture'

const text = { type: 'string' }
const whole = { type: 'integer', minimum: 0, maximum: 70_000 }

describe('what is typed into a field', () => {
  it.each([
    ['text', text, 'a b', 'a b'],
    ['textarea', text, 'a\nb', 'a\nb'],
    ['number', whole, '0', 0],
    ['number', { type: 'number' }, '2.5', 2.5],
    ['stepper', whole, '12', 12],
    ['quantity', text, '250m', '250m'],
    ['duration', text, '90m', '90m'],
    ['port', whole, '8080', 8080],
    ['port', text, 'http', 'http'],
    ['cidr', text, '10.0.0.0/8', '10.0.0.0/8'],
    ['label-key', text, 'example.com/tier', 'example.com/tier'],
    ['dns-name', text, 'web-1', 'web-1'],
    ['url', text, 'https://example.com', 'https://example.com'],
    ['image', text, 'nginx:1.29', 'nginx:1.29'],
    ['cron', text, '0 3 * * *', '0 3 * * *'],
    ['node-ref', text, 'db', 'db'],
    ['code', text, 'a: 1\n', 'a: 1\n'],
    ['code', { type: 'object' }, '{"a": [1]}', { a: [1] }],
    ['command-line', { type: 'array', items: text }, `sh -c 'exit 1'`, ['sh', '-c', 'exit 1']],
    ['of-tomorrow', text, 'x', 'x'],
    ['of-tomorrow', whole, '3', 3],
  ])('of %s %j is its value, and is gone when it is emptied', async (widget, schema, typed, expected) => {
    const { user, value, changes } = renderField(schema, widget)
    const field = screen.getByRole('textbox', { name: 'Field' })
    await user.click(field)
    await user.paste(typed)
    expect(value()).toEqual({ field: expected })
    expect(
      changes.every(({ path, typing, label }) => path === '/field' && typing && label === 'Change field'),
    ).toBe(true)
    await expectAccessible()
    await user.clear(field)
    expect(value()).toEqual({})
    expect(changes.at(-1)?.value).toBe(ABSENT)
  })
})

describe('a number', () => {
  it('keeps its text until it is one, and says what is wrong when it is left', async () => {
    const { user, changes, value } = renderField(whole, 'number', 5)
    const field = screen.getByRole('textbox', { name: 'Field' })
    await user.type(field, 'x')
    expect(field).toHaveValue('5x')
    expect(changes).toEqual([])
    expect(field).toBeValid()
    await user.tab()
    expect(field).toBeInvalid()
    expect(field).toHaveAccessibleDescription('Must be a number.')
    await user.type(field, '{Backspace}0')
    expect(value()).toEqual({ field: 50 })
    expect(field).toBeValid()
  })

  it('outside of its bounds is kept and said', async () => {
    const { user, value } = renderField(whole, 'port')
    const field = screen.getByRole('textbox', { name: 'Field' })
    await user.type(field, '70001')
    await user.tab()
    expect(value()).toEqual({ field: 70_001 })
    expect(field).toHaveAccessibleDescription('Must be at most 70000.')
  })

  it('goes by buttons, not beyond its bounds', async () => {
    const { user, value } = renderField(whole, 'stepper', 1)
    await user.click(screen.getByRole('button', { name: 'Less field' }))
    await user.click(screen.getByRole('button', { name: 'Less field' }))
    expect(value()).toEqual({ field: 0 })
    await user.click(screen.getByRole('button', { name: 'More field' }))
    expect(value()).toEqual({ field: 1 })
  })
})

describe('a choice', () => {
  const schema = { enum: ['TCP', 'UDP', ''], default: 'TCP', type: 'string' }

  it('is one of a list, or none', async () => {
    const { user, value } = renderField(schema, 'select')
    const field = screen.getByRole('combobox', { name: 'Field' })
    expect(field).toHaveDisplayValue('TCP (default)')
    await user.selectOptions(field, 'UDP')
    expect(value()).toEqual({ field: 'UDP' })
    await user.selectOptions(field, 'TCP (default)')
    expect(value()).toEqual({})
  })

  it('is one of a few in sight', async () => {
    const { user, value } = renderField(schema, 'radio')
    await user.click(screen.getByRole('radio', { name: 'UDP' }))
    expect(value()).toEqual({ field: 'UDP' })
  })

  it('that the schema does not know is kept and named', () => {
    const { changes } = renderField(schema, 'select', 'ICMP')
    expect(screen.getByRole('combobox', { name: 'Field' })).toHaveDisplayValue('ICMP (not known)')
    expect(changes).toEqual([])
  })

  it('of yes or no is said, and taken back', async () => {
    const { user, value } = renderField({ type: 'boolean', default: false }, 'toggle')
    await user.click(screen.getByRole('checkbox', { name: 'Field' }))
    expect(value()).toEqual({ field: true })
    await user.click(screen.getByRole('button', { name: 'Reset field' }))
    expect(value()).toEqual({})
  })
})

describe('a map', () => {
  const schema = { type: 'object', additionalProperties: { type: 'string' } }
  const keys = () => screen.getAllByRole('textbox', { name: /^Key of/ })

  it('takes keys and values', async () => {
    const { user, value } = renderField(schema, 'map')
    await user.click(screen.getByRole('button', { name: 'Add field' }))
    await user.type(screen.getByRole('textbox', { name: 'Key of field' }), 'tier')
    await user.type(screen.getByRole('textbox', { name: 'Value of tier' }), 'web')
    expect(value()).toEqual({ field: { tier: 'web' } })
    await expectAccessible()
  })

  it('never overwrites a key that another row has', async () => {
    const { user, value } = renderField(schema, 'map', { a: '1', b: '2' })
    const [, second] = keys()
    if (second === undefined) throw new Error('no second row')
    await user.clear(second)
    await user.type(second, 'a')
    expect(second).toHaveValue('a')
    expect(second).toBeInvalid()
    expect(Object.values(value().field ?? {})).toEqual(['1', '2'])
    expect(value().field).toHaveProperty('a', '1')
    await user.type(second, '2')
    expect(value()).toEqual({ field: { a: '1', a2: '2' } })
  })

  it('keeps the keys of any name', async () => {
    const { user, value } = renderField(schema, 'map', { a: '1' })
    const [first] = keys()
    if (first === undefined) throw new Error('no row')
    await user.type(first, '/b~c')
    expect(value()).toEqual({ field: { 'a/b~c': '1' } })
    await user.type(screen.getByRole('textbox', { name: 'Value of a/b~c' }), '!')
    expect(value()).toEqual({ field: { 'a/b~c': '1!' } })
  })
})

describe('one of several forms', () => {
  const variant = (kind: string, properties: object) => ({
    type: 'object',
    properties: { type: { const: kind, type: 'string' }, ...properties },
    required: ['type'],
  })
  const schema = {
    oneOf: [
      variant('http', { port: whole, path: { type: 'string', default: '/' } }),
      variant('exec', { command: { type: 'array', items: { type: 'string' } } }),
      variant('tcp', { port: whole }),
    ],
  }

  it.each(['one-of', 'probe', 'of-tomorrow'])('by %s keeps what the forms share', async (widget) => {
    const { user, value } = renderField(schema, widget, { type: 'http', port: 80, path: '/up' })
    const choice = screen.getByRole('combobox')
    await user.selectOptions(choice, 'tcp')
    expect(value()).toEqual({ field: { type: 'tcp', port: 80 } })
    await user.selectOptions(choice, 'exec')
    expect(value()).toEqual({ field: { type: 'exec' } })
    await user.selectOptions(choice, 'None')
    expect(value()).toEqual({})
  })
})

describe('a form', () => {
  const schema = {
    type: 'object',
    properties: { name: { type: 'string' }, mode: { type: 'string' }, size: whole },
    required: ['name'],
  }
  const hints = {
    '/name': { group: 'general', order: 0, widget: 'text', title: 'Name' },
    '/mode': {
      group: 'more',
      order: 1,
      widget: 'text',
      title: 'Mode',
      visible_when: { path: '/name', equals: 'a' },
    },
    '/size': { group: 'more', order: 2, widget: 'number', title: 'Size', advanced: true, immutable: true },
  }

  it('shows a field when its condition holds, and folds what few need', async () => {
    const { user, value } = renderForm({ schema, hints, value: {} })
    expect(screen.queryByRole('textbox', { name: 'Mode' })).toBeNull()
    expect(screen.queryByRole('textbox', { name: /^Size/ })).toBeNull()
    await user.type(screen.getByRole('textbox', { name: /^Name/ }), 'a')
    expect(screen.getByRole('textbox', { name: 'Mode' })).toBeVisible()
    await user.click(screen.getByRole('button', { name: /Advanced, 1 field/ }))
    await user.type(screen.getByRole('textbox', { name: 'Size' }), '3')
    expect(screen.getByRole('textbox', { name: 'Size' })).toHaveAccessibleDescription(/a change replaces/)
    expect(value()).toEqual({ name: 'a', size: 3 })
  })

  it('opens and focuses the field that somebody is led to, and shows what was said of it', () => {
    renderForm({
      schema,
      hints,
      value: {},
      focusPath: '/size',
      problems: [
        { path: '/size', message: 'Too small for this cluster.', severity: 'warning' },
        { path: '/elsewhere', message: 'Something else is wrong.', severity: 'error' },
      ],
    })
    const size = screen.getByRole('textbox', { name: 'Size' })
    expect(size).toHaveFocus()
    expect(size).toBeValid()
    expect(size).toHaveAccessibleDescription(/Too small for this cluster\./)
    expect(screen.getByRole('group', { name: 'Problems' })).toHaveTextContent('Something else is wrong.')
  })

  it('shows what wires give, read-only, and leads there', async () => {
    const jumps: string[] = []
    const { user } = renderForm({
      schema,
      hints,
      value: { name: 'own' },
      locked: [{ path: '/name', value: 'shop', from: 'web-config' }],
      onJump: (from) => jumps.push(from),
    })
    expect(screen.queryByRole('textbox', { name: /^Name/ })).toBeNull()
    expect(screen.getByRole('group', { name: 'Name' })).toHaveTextContent('shop')
    await user.click(screen.getByRole('button', { name: 'from web-config' }))
    expect(jumps).toEqual(['web-config'])
  })

  it('that may only be read takes nothing', async () => {
    const { user, changes } = renderForm({
      schema,
      hints,
      value: { name: 'a', mode: 'm', size: 2 },
      readOnly: true,
    })
    for (const field of screen.getAllByRole('textbox')) await user.type(field, 'x{ArrowUp}')
    expect(changes).toEqual([])
  })

  it('suggests what there is, and takes what is typed when that is away', async () => {
    const { user, value } = renderForm({
      schema,
      hints: { '/name': { ...hints['/name'], options_from: 'namespaces' } },
      value: {},
      choices: () => ({ items: [], state: 'away', reason: 'No cluster answers; names can be typed.' }),
    })
    expect(screen.getByText('No cluster answers; names can be typed.')).toBeVisible()
    await user.type(screen.getByRole('textbox', { name: /^Name/ }), 'shop')
    expect(value()).toEqual({ name: 'shop' })
  })
})
