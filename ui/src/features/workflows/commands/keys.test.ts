import { expect, it } from 'vitest'
import { isPressed, isSingle, isWriting, spelled } from './keys'
import { COMMANDS } from './registry'

function pressed(
  key: string,
  held: Partial<Record<'ctrlKey' | 'metaKey' | 'shiftKey' | 'altKey', boolean>> = {},
) {
  return { key, ctrlKey: false, metaKey: false, shiftKey: false, altKey: false, ...held }
}

it('knows keys with all that is held, whatever the case', () => {
  expect(isPressed('Mod+Z', pressed('z', { ctrlKey: true }))).toBe(true)
  expect(isPressed('Mod+Z', pressed('z', { metaKey: true }))).toBe(true)
  expect(isPressed('Mod+Z', pressed('Z', { ctrlKey: true, shiftKey: true }))).toBe(false)
  expect(isPressed('Mod+Shift+Z', pressed('Z', { ctrlKey: true, shiftKey: true }))).toBe(true)
  expect(isPressed('A', pressed('a'))).toBe(true)
  expect(isPressed('A', pressed('a', { ctrlKey: true }))).toBe(false)
  expect(isPressed('A', pressed('a', { altKey: true }))).toBe(false)
})

it('takes signs with or without Shift, as keyboards differ', () => {
  expect(isPressed('?', pressed('?', { shiftKey: true }))).toBe(true)
  expect(isPressed('/', pressed('/', { shiftKey: true }))).toBe(true)
  expect(isPressed('+', pressed('+', { shiftKey: true }))).toBe(true)
})

it('spells keys as the system does', () => {
  expect(spelled('Mod+Shift+Z', false)).toBe('Ctrl Shift Z')
  expect(spelled('Mod+Shift+Z', true)).toBe('⌘⇧Z')
  expect(spelled('+', false)).toBe('+')
  expect(spelled('ArrowUp', false)).toBe('↑')
})

it('leaves fields their keys', () => {
  document.body.innerHTML = '<input><div contenteditable="true"><b></b></div><button></button>'
  expect(isWriting(document.querySelector('input'))).toBe(true)
  expect(isWriting(document.querySelector('b'))).toBe(true)
  expect(isWriting(document.querySelector('button'))).toBe(false)
  expect(isWriting(null)).toBe(false)
})

it('gives no two commands the same id or keys', () => {
  const ids = COMMANDS.map(({ id }) => id)
  const keys = COMMANDS.flatMap((command) => command.keys)
  expect(new Set(ids).size).toBe(ids.length)
  expect(new Set(keys).size).toBe(keys.length)
  expect(keys.filter(isSingle)).toContain('A')
})
