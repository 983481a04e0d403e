import { ChevronRight, Menu as MenuIcon } from 'lucide-react'
import { Link } from 'react-router-dom'
import { useCrumbs } from '@/components/page/page'
import { IconButton } from '@/components/ui/button'
import { ConnectionChip } from '@/components/status/connection-chip'
import { UserMenu } from './user-menu'

/** Where one is, and what holds for the whole page. */
export function TopBar({ onOpenNavigation }: { onOpenNavigation: () => void }) {
  return (
    <header className="sticky top-0 z-20 flex h-13 shrink-0 items-center gap-3 border-b border-line bg-surface px-4 sm:px-6 lg:px-8">
      <IconButton
        icon={MenuIcon}
        label="Open navigation"
        className="-ml-2 lg:hidden"
        onClick={onOpenNavigation}
      />
      <Breadcrumbs />
      <div className="ml-auto flex items-center gap-3">
        <ConnectionChip />
        <UserMenu />
      </div>
    </header>
  )
}

function Breadcrumbs() {
  const crumbs = useCrumbs((state) => state.crumbs)
  return (
    <nav aria-label="Breadcrumbs" className="min-w-0">
      <ol className="flex min-w-0 items-center gap-1 text-dense">
        {crumbs.map(({ label, to }, index) => (
          <li key={label} className="flex min-w-0 items-center gap-1">
            {index > 0 && <ChevronRight aria-hidden size={14} className="shrink-0 text-text-muted" />}
            {to && index < crumbs.length - 1 ? (
              <Link
                to={to}
                className="truncate rounded-control text-text-muted hover:text-text hover:underline"
              >
                {label}
              </Link>
            ) : (
              <span
                aria-current={index === crumbs.length - 1 ? 'page' : undefined}
                className="truncate font-medium"
              >
                {label}
              </span>
            )}
          </li>
        ))}
      </ol>
    </nav>
  )
}
