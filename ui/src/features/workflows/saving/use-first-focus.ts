import { useEffect, useRef } from 'react'

/** A button that has the focus when its dialog opens. */
export function useFirstFocus() {
  const button = useRef<HTMLButtonElement>(null)
  useEffect(() => button.current?.focus(), [])
  return button
}
