import { render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { expectAccessible } from '@/testing/render'
import { Clamped } from './clamped'

const heights = { scroll: 0, client: 0 }

beforeEach(() => {
  vi.spyOn(Element.prototype, 'scrollHeight', 'get').mockImplementation(() => heights.scroll)
  vi.spyOn(Element.prototype, 'clientHeight', 'get').mockImplementation(() => heights.client)
  vi.stubGlobal(
    'ResizeObserver',
    class {
      constructor(private look: () => void) {}
      observe() {
        queueMicrotask(this.look)
      }
      disconnect() {
        this.look = () => undefined
      }
    },
  )
})

afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

it('shows all of a text that is cut when that is asked for', async () => {
  Object.assign(heights, { scroll: 90, client: 40 })
  const user = userEvent.setup()
  render(
    <main>
      <Clamped>a long story</Clamped>
    </main>,
  )
  const button = await screen.findByRole('button', { name: 'Show all' })
  expect(button).toHaveAttribute('aria-expanded', 'false')
  expect(screen.queryByRole('group')).not.toBeInTheDocument()
  await user.click(button)
  expect(screen.getByRole('group', { name: 'All of it' })).toHaveTextContent('a long story')
  await expectAccessible()
  Object.assign(heights, { scroll: 90, client: 90 })
  await user.click(screen.getByRole('button', { name: 'Show less' }))
  expect(screen.queryByRole('group')).not.toBeInTheDocument()
})

it('looks again when the text is another', async () => {
  Object.assign(heights, { scroll: 40, client: 40 })
  const { rerender } = render(<Clamped>short</Clamped>)
  expect(screen.queryByRole('button')).not.toBeInTheDocument()
  Object.assign(heights, { scroll: 80, client: 40 })
  rerender(<Clamped>much longer than before</Clamped>)
  expect(await screen.findByRole('button', { name: 'Show all' })).toBeInTheDocument()
})
