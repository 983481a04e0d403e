import { CircleCheck, OctagonX, X } from 'lucide-react'
import { useEffect } from 'react'
import { create } from 'zustand'
import { newId } from '@/lib/api/send'
import { cx } from '@/lib/format/classes'

interface Toast {
  id: string
  kind: 'done' | 'failed'
  text: string
}

const SHOWN_MS = 4000
const MOST = 4
const useToasts = create<{ toasts: Toast[] }>(() => ({ toasts: [] }))

function add(kind: Toast['kind'], text: string): void {
  useToasts.setState(({ toasts }) => ({ toasts: [...toasts, { id: newId(), kind, text }].slice(-MOST) }))
}

function remove(id: string): void {
  useToasts.setState(({ toasts }) => ({ toasts: toasts.filter((toast) => toast.id !== id) }))
}

/** Short messages: successes go by themselves, failures stay until closed, and are shown in place as well. */
export const toast = {
  done: (text: string) => add('done', text),
  failed: (text: string) => add('failed', text),
  clear: () => useToasts.setState({ toasts: [] }),
}

/** Where the messages appear; the app mounts it once. */
export function Toaster() {
  const toasts = useToasts((state) => state.toasts)
  return (
    <div
      aria-live="polite"
      className="pointer-events-none fixed right-4 z-50 grid w-80 max-w-[calc(100vw-32px)] gap-2 max-sm:top-4 sm:bottom-4"
    >
      {toasts.map((each) => (
        <ToastCard key={each.id} toast={each} />
      ))}
    </div>
  )
}

function ToastCard({ toast: { id, kind, text } }: { toast: Toast }) {
  useEffect(() => {
    if (kind === 'failed') return
    const timer = setTimeout(() => remove(id), SHOWN_MS)
    return () => clearTimeout(timer)
  }, [id, kind])
  const Icon = kind === 'done' ? CircleCheck : OctagonX
  return (
    <div className="pointer-events-auto flex animate-panel-in items-start gap-2.5 rounded-card border border-line bg-raised py-2.5 pr-2 pl-3 text-dense shadow-float">
      <Icon
        aria-hidden
        size={16}
        className={cx('mt-0.5 shrink-0', kind === 'done' ? 'text-status-ok' : 'text-status-bad')}
      />
      <p className="min-w-0 grow break-words">{text}</p>
      <button
        type="button"
        aria-label="Close message"
        onClick={() => remove(id)}
        className="grid size-6 shrink-0 place-items-center rounded-control text-text-muted hover:bg-sunken"
      >
        <X aria-hidden size={14} />
      </button>
    </div>
  )
}
