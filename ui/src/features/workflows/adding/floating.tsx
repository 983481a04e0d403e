import { useEffect, useLayoutEffect, useRef, useState, type ReactNode } from 'react'
import { createPortal } from 'react-dom'
import { cx } from '@/lib/format/classes'
import type { Position } from '../graph/types'

const MARGIN = 8

interface FloatingProps {
  point: Position
  label: string
  role?: 'dialog' | 'status'
  className?: string
  onClose: () => void
  children: ReactNode
}

/** Something small at a point of the screen, kept inside of it; a press elsewhere or Escape closes it. */
export function Floating({ point, label, role = 'dialog', className, onClose, children }: FloatingProps) {
  const plane = useRef<HTMLDivElement>(null)
  const [place, setPlace] = useState(point)
  useLayoutEffect(() => {
    const size = plane.current?.getBoundingClientRect()
    if (size === undefined) return
    setPlace({
      x: Math.max(MARGIN, Math.min(point.x, window.innerWidth - size.width - MARGIN)),
      y: Math.max(MARGIN, Math.min(point.y, window.innerHeight - size.height - MARGIN)),
    })
  }, [point])
  useEffect(() => {
    const press = ({ target }: PointerEvent) => {
      if (target instanceof Node && plane.current?.contains(target) === false) onClose()
    }
    const escape = (event: KeyboardEvent) => {
      if (event.key !== 'Escape') return
      event.stopPropagation()
      onClose()
    }
    window.addEventListener('pointerdown', press, { capture: true })
    window.addEventListener('keydown', escape, { capture: true })
    return () => {
      window.removeEventListener('pointerdown', press, { capture: true })
      window.removeEventListener('keydown', escape, { capture: true })
    }
  }, [onClose])
  return createPortal(
    <div
      ref={plane}
      role={role}
      aria-label={label}
      style={{ left: place.x, top: place.y }}
      className={cx(
        'fixed z-40 max-w-[calc(100vw-16px)] animate-fade-in rounded-card border border-line bg-raised shadow-float',
        className,
      )}
    >
      {children}
    </div>,
    document.body,
  )
}
