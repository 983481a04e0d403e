import type { ReactNode } from 'react'
import { Mark } from '@/components/brand/mark'
import { PageHeading } from '@/components/page/page'
import { GraphPicture } from './graph-picture'

interface EntryLayoutProps {
  title: string
  lead?: ReactNode
  children: ReactNode
  foot?: ReactNode
}

/** The frame of the pages before one is signed in. */
export function EntryLayout({ title, lead, children, foot }: EntryLayoutProps) {
  return (
    <div className="grid min-h-dvh lg:grid-cols-[minmax(440px,5fr)_7fr]">
      <main className="flex flex-col bg-surface px-6 py-8 sm:px-10">
        <p className="flex items-center gap-2.5 text-title font-semibold tracking-tight">
          <Mark size={28} />
          KubeOrch
        </p>
        <div className="mx-auto flex w-full max-w-sm grow flex-col justify-center py-10">
          <PageHeading className="text-figure">{title}</PageHeading>
          {lead && <div className="mt-1.5 text-body text-text-muted">{lead}</div>}
          <div className="mt-7">{children}</div>
          {foot && <p className="mt-6 text-dense text-text-muted">{foot}</p>}
        </div>
      </main>
      <GraphPicture />
    </div>
  )
}
