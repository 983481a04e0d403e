import { X } from 'lucide-react'
import { useEffect, useRef, type KeyboardEvent, type ReactNode } from 'react'
import { IconButton } from '@/components/ui/button'

interface SideSheetProps {
  title: string
  subtitle?: ReactNode
  /** Beside the title. */
  aside?: ReactNode
  closeLabel: string
  onClose: () => void
  children: ReactNode
}

/** A plane beside the graph, as high as it; over the graph where there is no room for both. */
export function SideSheet({ title, subtitle, aside, closeLabel, onClose, children }: SideSheetProps) {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    const before = document.activeElement
    heading.current?.focus({ preventScroll: true })
    return () => {
      // back to what opened it, unless the focus has gone elsewhere by itself
      const lost = document.activeElement === null || document.activeElement === document.body
      if (lost && before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true })
    }
  }, [])
  const closeByKey = (event: KeyboardEvent) => {
    if (event.key !== 'Escape' || event.defaultPrevented) return
    event.stopPropagation()
    onClose()
  }
  return (
    // Escape closes it from anywhere inside
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <section
      aria-label={title}
      onKeyDown={closeByKey}
      className="@container flex h-full min-h-0 animate-fade-in flex-col bg-surface"
    >
      <header className="flex shrink-0 items-start gap-3 border-b border-line py-2.5 pr-2 pl-4">
        <div className="min-w-0 grow">
          <h2 ref={heading} tabIndex={-1} className="truncate text-title font-semibold outline-none">
            {title}
          </h2>
          {subtitle !== undefined && <div className="text-meta text-text-muted">{subtitle}</div>}
        </div>
        {aside}
        <IconButton icon={X} label={closeLabel} onClick={onClose} />
      </header>
      {children}
    </section>
  )
}
