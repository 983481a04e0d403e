import { PanelLeftClose, PanelLeftOpen } from 'lucide-react'
import type { ReactNode } from 'react'
import { Link, useMatch } from 'react-router-dom'
import { Mark } from '@/components/brand/mark'
import { IconButton } from '@/components/ui/button'
import { Tooltip } from '@/components/ui/tooltip'
import { cx } from '@/lib/format/classes'
import { setPrefs } from '@/lib/storage/prefs'
import { NAVIGATION } from './navigation'
import { Version } from './version'

interface SidebarProps {
  /** Pictures alone. */
  rail: boolean
  /** Whether the person may switch between pictures and words here. */
  collapsible?: boolean
  foot?: ReactNode
  onNavigate?: () => void
}

/** Where one can go. */
export function Sidebar({ rail, collapsible = false, foot, onNavigate }: SidebarProps) {
  return (
    <>
      <div className={cx('flex h-13 shrink-0 items-center', rail ? 'justify-center' : 'px-4')}>
        <Link
          to="/"
          onClick={onNavigate}
          aria-label="KubeOrch, to the start"
          className="flex items-center gap-2.5 rounded-control text-title font-semibold tracking-tight"
        >
          <Mark size={26} />
          {!rail && <span aria-hidden>KubeOrch</span>}
        </Link>
      </div>
      <nav aria-label="Main" className={cx('grow overflow-y-auto pb-4', rail ? 'px-2 pt-2' : 'px-3')}>
        {NAVIGATION.map(({ group, items }) => (
          <div key={group} className={rail ? 'mb-2' : 'mb-3'}>
            {!rail && <h2 className="px-2.5 pt-2 pb-1 text-meta font-medium text-text-muted">{group}</h2>}
            <ul className="grid gap-0.5">
              {items.map((item) => (
                <li key={item.to}>
                  <NavigationLink {...item} rail={rail} onNavigate={onNavigate} />
                </li>
              ))}
            </ul>
          </div>
        ))}
      </nav>
      <div
        className={cx(
          'flex shrink-0 items-center gap-1 border-t border-line py-2',
          rail ? 'flex-col px-2' : 'px-3',
        )}
      >
        {!rail && <Version />}
        {foot}
        {collapsible && (
          <IconButton
            icon={rail ? PanelLeftOpen : PanelLeftClose}
            label={rail ? 'Widen the sidebar' : 'Narrow the sidebar'}
            aria-expanded={!rail}
            onClick={() => setPrefs({ rail: !rail })}
          />
        )}
      </div>
    </>
  )
}

interface NavigationLinkProps {
  label: string
  to: string
  icon: (typeof NAVIGATION)[number]['items'][number]['icon']
  rail: boolean
  onNavigate?: () => void
}

function NavigationLink({ label, to, icon: Icon, rail, onNavigate }: NavigationLinkProps) {
  const active = useMatch({ path: to, end: false }) !== null
  // a NavLink takes its classes from a function, which the tooltip around it could not join with its own
  const link = (
    <Link
      to={to}
      onClick={onNavigate}
      aria-label={rail ? label : undefined}
      aria-current={active ? 'page' : undefined}
      className={cx(
        'flex items-center gap-2.5 rounded-control text-dense font-medium transition-colors',
        rail ? 'size-10 justify-center' : 'h-control px-2.5',
        active ? 'bg-accent/12 text-accent' : 'text-text-muted hover:bg-sunken hover:text-text',
      )}
    >
      <Icon aria-hidden size={17} strokeWidth={1.9} className="shrink-0" />
      {!rail && label}
    </Link>
  )
  return rail ? (
    <Tooltip text={label} side="right">
      {link}
    </Tooltip>
  ) : (
    link
  )
}
