import { LoaderCircle, type LucideIcon } from 'lucide-react'
import type { ComponentProps, ReactNode } from 'react'
import { Link, type LinkProps } from 'react-router-dom'
import { cx } from '@/lib/format/classes'
import { Tooltip } from './tooltip'

export type ButtonVariant = 'primary' | 'secondary' | 'ghost' | 'danger'

const VARIANTS: Record<ButtonVariant, string> = {
  primary: 'bg-accent text-on-accent border-transparent hover:brightness-110 active:brightness-95',
  secondary: 'bg-surface text-text border-line-strong hover:bg-sunken active:bg-line',
  ghost: 'text-text border-transparent hover:bg-sunken active:bg-line',
  danger: 'bg-surface text-status-bad border-status-bad hover:bg-status-bad-bg',
}

function look(variant: ButtonVariant, square = false): string {
  return cx(
    'inline-flex h-control shrink-0 items-center justify-center gap-1.5 rounded-control border text-dense font-medium',
    'transition-[background-color,border-color,filter] select-none whitespace-nowrap',
    'disabled:cursor-not-allowed disabled:opacity-60 aria-disabled:cursor-not-allowed aria-disabled:opacity-60',
    square ? 'w-control' : 'px-3',
    VARIANTS[variant],
  )
}

interface Looks {
  variant?: ButtonVariant
  icon?: LucideIcon
}

interface ButtonProps extends ComponentProps<'button'>, Looks {
  /** Its work is under way: the button waits, and says so. */
  busy?: boolean
  /** Why it cannot be pressed: it stays in reach of the keyboard and says the reason. */
  refused?: string | false | null
}

/** A button. It is disabled only while its work runs; what may not be done is `refused` with the reason. */
export function Button({
  variant = 'secondary',
  icon: Icon,
  busy = false,
  refused,
  children,
  className,
  onClick,
  ...rest
}: ButtonProps) {
  const button = (
    <button
      type="button"
      {...rest}
      aria-busy={busy || undefined}
      aria-disabled={refused ? true : undefined}
      disabled={rest.disabled === true || busy}
      onClick={refused ? (event) => event.preventDefault() : onClick}
      className={cx(look(variant), className)}
    >
      {busy ? (
        <LoaderCircle aria-hidden size={15} className="motion-safe:animate-spin" />
      ) : (
        Icon && <Icon aria-hidden size={15} />
      )}
      {children}
    </button>
  )
  return refused ? <Tooltip text={refused}>{button}</Tooltip> : button
}

/** A link that looks like a button. */
export function ButtonLink({
  variant = 'secondary',
  icon: Icon,
  children,
  className,
  ...rest
}: LinkProps & Looks) {
  return (
    <Link {...rest} className={cx(look(variant), className)}>
      {Icon && <Icon aria-hidden size={15} />}
      {children}
    </Link>
  )
}

interface IconButtonProps extends Omit<ComponentProps<'button'>, 'children'> {
  icon: LucideIcon
  /** What it does: its name and its tooltip. */
  label: string
  variant?: ButtonVariant
  tooltip?: ReactNode
}

/** A button with a picture alone. */
export function IconButton({
  icon: Icon,
  label,
  variant = 'ghost',
  tooltip,
  className,
  ...rest
}: IconButtonProps) {
  return (
    <Tooltip text={tooltip ?? label}>
      <button type="button" aria-label={label} {...rest} className={cx(look(variant, true), className)}>
        <Icon aria-hidden size={16} />
      </button>
    </Tooltip>
  )
}
