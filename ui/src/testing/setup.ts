import '@testing-library/jest-dom/vitest'
import { cleanup, configure } from '@testing-library/react'
import { afterAll, afterEach, beforeAll, beforeEach, expect, vi } from 'vitest'
import { forgetMoves } from '@/components/page/page'
import { toast } from '@/components/ui/toast'
import { resetSession } from '@/lib/auth/session'
import { server } from './server'

// a busy machine is no failure: what is waited for has time, and is seen at once when it comes
configure({ asyncUtilTimeout: 10_000 })

// what jsdom lacks and the parts need
const nothing = () => undefined
window.matchMedia = (media) =>
  ({
    matches: false,
    media,
    addEventListener: nothing,
    removeEventListener: nothing,
  }) as unknown as MediaQueryList
window.ResizeObserver = class {
  observe = nothing
  unobserve = nothing
  disconnect = nothing
}
HTMLCanvasElement.prototype.getContext = () => null
Element.prototype.scrollTo = nothing
Element.prototype.scrollIntoView = nothing
Element.prototype.hasPointerCapture = () => false
Element.prototype.releasePointerCapture = nothing

beforeAll(() => server.listen({ onUnhandledRequest: 'error' }))
afterAll(() => server.close())

let complaints: unknown[][] = []
beforeEach(() => {
  complaints = []
  for (const level of ['error', 'warn'] as const) {
    vi.spyOn(console, level).mockImplementation((...words: unknown[]) => complaints.push(words))
  }
})

afterEach(() => {
  cleanup()
  server.resetHandlers()
  resetSession()
  toast.clear()
  forgetMoves()
  localStorage.clear()
  sessionStorage.clear()
  // nothing may be complained of, neither by React nor about a request that no test described
  expect(complaints).toEqual([])
})
