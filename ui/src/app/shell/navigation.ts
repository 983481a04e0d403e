import { Boxes, ListChecks, Workflow, type LucideIcon } from 'lucide-react'

interface NavigationItem {
  label: string
  to: string
  icon: LucideIcon
}

/** The sidebar. Only what exists is listed. */
export const NAVIGATION: readonly { group: string; items: readonly NavigationItem[] }[] = [
  { group: 'Design', items: [{ label: 'Workflows', to: '/workflows', icon: Workflow }] },
  { group: 'Operate', items: [{ label: 'Runs', to: '/runs', icon: ListChecks }] },
  { group: 'Connect', items: [{ label: 'Clusters', to: '/clusters', icon: Boxes }] },
]
