import { useEffect, useId, useRef, useState, type ReactNode } from 'react'
import { cx } from '@/lib/format/classes'

/** Words in two lines at most; where there are more, all of them when they are asked for. */
export function Clamped({ children }: { children: ReactNode }) {
  const id = useId()
  const box = useRef<HTMLDivElement>(null)
  const [cut, setCut] = useState(false)
  const [open, setOpen] = useState(false)
  useEffect(() => {
    const element = box.current
    if (element === null) return
    const look = () => setCut(element.scrollHeight > element.clientHeight + 1)
    const resized = new ResizeObserver(look)
    const changed = new MutationObserver(look)
    resized.observe(element)
    changed.observe(element, { childList: true, characterData: true, subtree: true })
    return () => {
      resized.disconnect()
      changed.disconnect()
    }
  }, [])
  return (
    <>
      <div
        ref={box}
        id={id}
        // what is longer still is scrolled, also by keys
        {...(open && { tabIndex: 0, role: 'group', 'aria-label': 'All of it' })}
        className={cx(
          'wrap-anywhere',
          open ? 'max-h-40 overflow-y-auto whitespace-pre-wrap' : 'line-clamp-2',
        )}
      >
        {children}
      </div>
      {(cut || open) && (
        <button
          type="button"
          aria-expanded={open}
          aria-controls={id}
          onClick={() => setOpen(!open)}
          className="min-h-6 font-semibold underline-offset-2 hover:underline"
        >
          {open ? 'Show less' : 'Show all'}
        </button>
      )}
    </>
  )
}
