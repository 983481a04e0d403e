import { screen, within } from '@testing-library/react'
import { describe, expect, it, vi } from 'vitest'
import { expectAccessible } from '@/testing/render'
import { renderForm, servedType } from '../held-form.fixture'

function renderEnv(env: unknown[]) {
  const { schema, ui } = servedType('deployment')
  const value = { name: 'web', image: 'nginx:1.29', env, added_later: true }
  return renderForm({ schema, hints: ui, value })
}

const group = () => within(screen.getByRole('group', { name: 'Env' }))
const row = (name: string) => within(group().getByRole('listitem', { name }))

describe('the variables of an environment', () => {
  it('are added, named and given a value', async () => {
    const { user, value } = renderEnv([])
    await user.click(group().getByRole('button', { name: 'Add variable' }))
    await user.type(row('variable 1').getByRole('textbox', { name: 'Name' }), 'LOG_LEVEL')
    await user.type(row('variable LOG_LEVEL').getByRole('textbox', { name: 'Value' }), 'info')
    expect(value()).toEqual({
      name: 'web',
      image: 'nginx:1.29',
      env: [{ source: 'value', name: 'LOG_LEVEL', value: 'info' }],
      added_later: true,
    })
    await expectAccessible()
  })

  it('come from elsewhere, and keep their name', async () => {
    const { user, value } = renderEnv([{ source: 'value', name: 'POD', value: 'x' }])
    await user.selectOptions(row('variable POD').getByRole('combobox', { name: 'Source of POD' }), 'field')
    expect(value().env).toEqual([{ source: 'field', name: 'POD' }])
    await user.selectOptions(row('variable POD').getByRole('combobox', { name: /^Field/ }), 'metadata.name')
    expect(value().env).toEqual([{ source: 'field', name: 'POD', field: 'metadata.name' }])
  })

  it('move by buttons and by keys, and keep focus', async () => {
    const [a, b] = [
      { source: 'value', name: 'A', value: '1' },
      { source: 'value', name: 'B', value: '2' },
    ]
    const { user, value } = renderEnv([a, b])
    await user.click(row('variable A').getByRole('button', { name: 'Move variable A down' }))
    expect(value().env).toEqual([b, a])
    const field = row('variable A').getByRole('textbox', { name: 'Value' })
    await user.click(field)
    await user.keyboard('{Alt>}{ArrowUp}{/Alt}')
    expect(value().env).toEqual([a, b])
    expect(row('variable A').getByRole('textbox', { name: 'Value' })).toHaveFocus()
  })

  it('are removed, the last one with the list', async () => {
    const { user, value } = renderEnv([{ source: 'value', name: 'A', value: '1' }])
    await user.click(group().getByRole('button', { name: 'Remove variable A' }))
    expect(value()).not.toHaveProperty('env')
    await vi.waitFor(() => expect(group().getByRole('button', { name: 'Add variable' })).toHaveFocus())
  })

  it('of the same name say so', () => {
    const same = { source: 'value', name: 'A', value: '1' }
    renderEnv([same, { ...same, value: '2' }])
    expect(group().getByText('Another variable has this name; the later one wins.')).toBeVisible()
  })

  it('that look like passwords are offered a Secret', async () => {
    const { user, value } = renderEnv([{ source: 'value', name: 'DB_PASSWORD', value: 'hunter2' }])
    await user.click(group().getByRole('button', { name: 'Take it from a Secret' }))
    expect(value().env).toEqual([{ source: 'secret', name: 'DB_PASSWORD', key: 'DB_PASSWORD' }])
    await user.type(row('variable DB_PASSWORD').getByRole('textbox', { name: 'Secret' }), 'db')
    expect(value().env).toEqual([{ source: 'secret', name: 'DB_PASSWORD', key: 'DB_PASSWORD', secret: 'db' }])
  })
})

describe('a pasted .env file', () => {
  it('is shown before it is taken, in one change', async () => {
    const { user, value, changes } = renderEnv([{ source: 'value', name: 'PORT', value: '80' }])
    await user.click(group().getByRole('button', { name: 'Paste .env' }))
    await user.click(group().getByRole('textbox', { name: 'Contents of a .env file' }))
    await user.paste('PORT=8080\nLOG_LEVEL="info"\nAPI_TOKEN=t0p\nDEBUG_TOKEN=none\nnonsense')
    const preview = within(group().getByRole('list', { name: 'What is taken' }))
    expect(preview.getAllByRole('listitem').map((each) => each.textContent)).toEqual([
      'PORT=8080changed',
      'LOG_LEVEL=infonew',
      'API_TOKENfrom a Secret: API_TOKENnew',
      'DEBUG_TOKENfrom a Secret: DEBUG_TOKENnew',
    ])
    expect(group().getByText('Line 5 is left out: No NAME=value.')).toBeVisible()
    await expectAccessible()
    expect(changes).toEqual([])
    await user.click(preview.getByRole('checkbox', { name: 'from a Secret: DEBUG_TOKEN' }))
    await user.click(group().getByRole('button', { name: 'Take 4 variables' }))
    expect(changes).toHaveLength(1)
    expect(value().env).toEqual([
      { source: 'value', name: 'PORT', value: '8080' },
      { source: 'value', name: 'LOG_LEVEL', value: 'info' },
      { source: 'secret', name: 'API_TOKEN', key: 'API_TOKEN' },
      { source: 'value', name: 'DEBUG_TOKEN', value: 'none' },
    ])
  })

  it('that changes nothing is refused with the reason', async () => {
    const { user, changes } = renderEnv([{ source: 'value', name: 'PORT', value: '80' }])
    await user.click(group().getByRole('button', { name: 'Paste .env' }))
    await user.click(group().getByRole('textbox', { name: 'Contents of a .env file' }))
    await user.paste('PORT=80')
    const take = group().getByRole('button', { name: 'Take 0 variables' })
    expect(take).toHaveAttribute('aria-disabled', 'true')
    await user.click(take)
    expect(changes).toEqual([])
  })
})
