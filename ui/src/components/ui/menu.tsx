import { Check, Ellipsis, type LucideIcon } from 'lucide-react'
import { DropdownMenu } from 'radix-ui'
import type { ReactElement, ReactNode } from 'react'
import { cx } from '@/lib/format/classes'
import { IconButton } from './button'

interface MenuProps {
  trigger: ReactElement
  children: ReactNode
  align?: 'start' | 'center' | 'end'
  side?: 'top' | 'right' | 'bottom' | 'left'
}

/** A menu that opens from a button. */
export function Menu({ trigger, children, align = 'end', side = 'bottom' }: MenuProps) {
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align={align}
          side={side}
          sideOffset={6}
          collisionPadding={8}
          className="z-50 max-h-(--radix-dropdown-menu-content-available-height) min-w-52 animate-fade-in overflow-y-auto rounded-card border border-line bg-raised p-1 shadow-float"
        >
          {children}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  )
}

/** The menu "•••" of one thing among many. */
export function ActionsMenu({ of, children }: { of: string; children: ReactNode }) {
  return (
    <Menu trigger={<IconButton icon={Ellipsis} label={`Actions for ${of}`} tooltip="Actions" />}>
      {children}
    </Menu>
  )
}

const ITEM =
  'flex min-h-8 w-full cursor-default items-center gap-2.5 rounded-control px-2.5 py-1 text-dense outline-none select-none ' +
  'data-highlighted:bg-sunken data-disabled:opacity-60'

interface MenuItemProps {
  icon?: LucideIcon
  children: ReactNode
  danger?: boolean
  disabled?: boolean
  onSelect: () => void
}

export function MenuItem({ icon: Icon, children, danger = false, disabled, onSelect }: MenuItemProps) {
  return (
    <DropdownMenu.Item
      disabled={disabled}
      onSelect={onSelect}
      className={cx(ITEM, danger && 'text-status-bad')}
    >
      {Icon && <Icon aria-hidden size={15} className={cx('shrink-0', !danger && 'text-text-muted')} />}
      {children}
    </DropdownMenu.Item>
  )
}

interface MenuChoiceProps<Value extends string> {
  label: string
  value: Value
  choices: readonly { value: Value; label: string; icon?: LucideIcon }[]
  onChange: (value: Value) => void
}

/** One of several, inside a menu; choosing leaves the menu open, so that the effect is seen. */
export function MenuChoice<Value extends string>({
  label,
  value,
  choices,
  onChange,
}: MenuChoiceProps<Value>) {
  return (
    <DropdownMenu.Group>
      <DropdownMenu.Label className="px-2.5 pt-2 pb-1 text-meta font-medium text-text-muted">
        {label}
      </DropdownMenu.Label>
      <DropdownMenu.RadioGroup
        value={value}
        onValueChange={(next) => {
          const chosen = choices.find((choice) => choice.value === next)
          if (chosen) onChange(chosen.value)
        }}
      >
        {choices.map(({ value: own, label: text, icon: Icon }) => (
          <DropdownMenu.RadioItem
            key={own}
            value={own}
            onSelect={(event) => event.preventDefault()}
            className={ITEM}
          >
            {Icon && <Icon aria-hidden size={15} className="shrink-0 text-text-muted" />}
            <span className="grow">{text}</span>
            <DropdownMenu.ItemIndicator>
              <Check aria-hidden size={15} className="text-accent" />
            </DropdownMenu.ItemIndicator>
          </DropdownMenu.RadioItem>
        ))}
      </DropdownMenu.RadioGroup>
    </DropdownMenu.Group>
  )
}

export function MenuLine() {
  return <DropdownMenu.Separator className="-mx-1 my-1 h-px bg-line" />
}

export function MenuHeading({ children }: { children: ReactNode }) {
  return <DropdownMenu.Label className="px-2.5 py-2">{children}</DropdownMenu.Label>
}
