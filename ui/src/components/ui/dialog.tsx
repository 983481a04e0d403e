import { X } from 'lucide-react'
import { AlertDialog, Dialog as Primitive } from 'radix-ui'
import type { ReactNode } from 'react'
import { cx } from '@/lib/format/classes'
import { Button, IconButton } from './button'

const SCRIM = 'fixed inset-0 z-40 bg-scrim animate-fade-in'
const PLANE =
  'fixed z-40 flex flex-col bg-raised shadow-float border border-line animate-panel-in outline-none ' +
  'max-sm:inset-x-0 max-sm:bottom-0 max-sm:max-h-[92dvh] max-sm:rounded-t-card ' +
  'sm:top-[12vh] sm:left-1/2 sm:max-h-[80vh] sm:w-[calc(100%-32px)] sm:-translate-x-1/2 sm:rounded-card'

interface DialogProps {
  open: boolean
  onOpenChange: (open: boolean) => void
  title: string
  description?: string
  children: ReactNode
  wide?: boolean
}

/** Begin in the field that is marked with `data-first`, if there is one. */
function focusMarked(event: Event): void {
  const { currentTarget: plane } = event
  const first = plane instanceof HTMLElement ? plane.querySelector<HTMLElement>('[data-first]') : null
  if (first === null) return
  event.preventDefault()
  first.focus()
}

/** A dialog: keeps focus inside, gives it back, closes with Escape. */
export function Dialog({ open, onOpenChange, title, description, children, wide = false }: DialogProps) {
  return (
    <Primitive.Root open={open} onOpenChange={onOpenChange}>
      <Primitive.Portal>
        <Primitive.Overlay className={SCRIM} />
        <Primitive.Content
          className={cx(PLANE, wide ? 'sm:max-w-2xl' : 'sm:max-w-lg')}
          {...(description ? {} : { 'aria-describedby': undefined })}
          onOpenAutoFocus={focusMarked}
        >
          <div className="flex items-start justify-between gap-4 px-6 pt-5 pb-3">
            <div>
              <Primitive.Title className="text-title font-semibold">{title}</Primitive.Title>
              {description && (
                <Primitive.Description className="mt-0.5 text-dense text-text-muted">
                  {description}
                </Primitive.Description>
              )}
            </div>
            <Primitive.Close asChild>
              <IconButton icon={X} label="Close" className="-mt-1 -mr-2" />
            </Primitive.Close>
          </div>
          {children}
        </Primitive.Content>
      </Primitive.Portal>
    </Primitive.Root>
  )
}

/** The part of a dialog that scrolls. */
export function DialogBody({ children, className }: { children: ReactNode; className?: string }) {
  return <div className={cx('overflow-y-auto px-6 pt-1 pb-5', className)}>{children}</div>
}

/** Its buttons, the main one last. */
export function DialogActions({ children }: { children: ReactNode }) {
  return <div className="flex flex-wrap justify-end gap-2 border-t border-line px-6 py-3.5">{children}</div>
}

interface ConfirmDialogProps {
  open: boolean
  onOpenChange: (open: boolean) => void
  title: string
  /** The consequence, plainly. */
  children: ReactNode
  action: string
  busy?: boolean
  /** Why it cannot be done yet. */
  refused?: string | false
  onConfirm: () => void
}

/** Asks before something that cannot be undone. */
export function ConfirmDialog({
  open,
  onOpenChange,
  title,
  children,
  action,
  busy,
  refused,
  onConfirm,
}: ConfirmDialogProps) {
  return (
    <AlertDialog.Root open={open} onOpenChange={onOpenChange}>
      <AlertDialog.Portal>
        <AlertDialog.Overlay className={SCRIM} />
        <AlertDialog.Content className={cx(PLANE, 'sm:max-w-md')}>
          <AlertDialog.Title className="px-6 pt-5 text-title font-semibold">{title}</AlertDialog.Title>
          <AlertDialog.Description asChild>
            <div className="grid gap-2 overflow-y-auto px-6 pt-2 pb-5 text-body text-text-muted">
              {children}
            </div>
          </AlertDialog.Description>
          <DialogActions>
            <AlertDialog.Cancel asChild>
              <Button>Cancel</Button>
            </AlertDialog.Cancel>
            <Button variant="danger" busy={busy} refused={refused} onClick={onConfirm}>
              {action}
            </Button>
          </DialogActions>
        </AlertDialog.Content>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  )
}

/** A plane that slides in from the left, for the sidebar on narrow screens. */
export function Sheet({ open, onOpenChange, title, children }: Omit<DialogProps, 'description' | 'wide'>) {
  return (
    <Primitive.Root open={open} onOpenChange={onOpenChange}>
      <Primitive.Portal>
        <Primitive.Overlay className={SCRIM} />
        <Primitive.Content
          aria-describedby={undefined}
          className="fixed inset-y-0 left-0 z-40 flex w-72 max-w-[85vw] animate-fade-in flex-col border-r border-line bg-surface shadow-float outline-none"
        >
          <Primitive.Title className="sr-only">{title}</Primitive.Title>
          {children}
        </Primitive.Content>
      </Primitive.Portal>
    </Primitive.Root>
  )
}
