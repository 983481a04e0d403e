import { Compass } from 'lucide-react'
import { PageHeading, usePage } from '@/components/page/page'
import { ButtonLink } from '@/components/ui/button'

const CRUMBS = [{ label: 'Not found' }]

/** An address that leads nowhere. */
export function NotFound() {
  usePage('Not found', CRUMBS)
  return (
    <section className="flex flex-col items-center px-6 py-20 text-center">
      <span className="grid size-12 place-items-center rounded-card border border-line bg-surface text-text-muted">
        <Compass aria-hidden size={22} strokeWidth={1.75} />
      </span>
      <PageHeading className="mt-4">There is nothing at this address</PageHeading>
      <p className="mt-1 max-w-md text-balance text-text-muted">
        It may have been deleted, or it may belong to somebody else.
      </p>
      <div className="mt-5">
        <ButtonLink to="/workflows" variant="primary">
          To the workflows
        </ButtonLink>
      </div>
    </section>
  )
}
