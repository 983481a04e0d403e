import { screen, within } from '@testing-library/react'
import { expect, it } from 'vitest'
import { renderForm, servedType } from '../held-form.fixture'

it('names secret values, and says when a name is there twice', async () => {
  const { schema, ui } = servedType('secret')
  const { user, value } = renderForm({ schema, hints: ui, value: { name: 'db', keys: ['user'] } })
  const keys = within(screen.getByRole('group', { name: 'Keys' }))
  await user.click(keys.getByRole('button', { name: 'Add key' }))
  await user.type(keys.getByRole('textbox', { name: 'Keys, 2' }), 'user')
  expect(keys.getByText('“user” is there twice; a key has one value.')).toBeVisible()
  await user.type(keys.getByRole('textbox', { name: 'Keys, 2' }), '.pem')
  expect(keys.queryByText(/is there twice/)).toBeNull()
  expect(value().keys).toEqual(['user', 'user.pem'])
})
