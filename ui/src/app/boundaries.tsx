import { RotateCw } from 'lucide-react'
import { Component, type ReactNode } from 'react'
import { isRouteErrorResponse, useRevalidator, useRouteError } from 'react-router-dom'
import { PageHeading } from '@/components/page/page'
import { Button } from '@/components/ui/button'
import { ErrorCode, ErrorPanel } from '@/components/ui/panels'
import { toApiError } from '@/lib/api/error'
import { NotFound } from './not-found'

const CHUNK = /dynamically imported module|importing a module script failed|unable to preload css/i

/** Whether a part of the interface could not be fetched: a new version has replaced it, or the line is down. */
function isMissingPart(cause: unknown): boolean {
  return cause instanceof Error && CHUNK.test(cause.message)
}

function reload(): void {
  window.location.reload()
}

/** What is shown when a route fails; the shell around it goes on. */
export function RouteBoundary() {
  const cause = useRouteError()
  const { revalidate } = useRevalidator()
  if (isRouteErrorResponse(cause) && cause.status === 404) return <NotFound />
  if (isMissingPart(cause)) return <NewVersion />
  return (
    <>
      <PageHeading className="sr-only">This page failed</PageHeading>
      <ErrorPanel error={toApiError(cause)} what="this page" onRetry={() => void revalidate()}>
        <Button onClick={reload}>Load the page again</Button>
      </ErrorPanel>
    </>
  )
}

function NewVersion() {
  return (
    <section role="alert" className="flex flex-col items-center px-6 py-16 text-center">
      <PageHeading className="text-title">This part of KubeOrch could not be loaded</PageHeading>
      <p className="mt-1 max-w-md text-text-muted">
        A newer version may have replaced it. Loading the page again brings the newest.
      </p>
      <Button variant="primary" icon={RotateCw} className="mt-5" onClick={reload}>
        Reload
      </Button>
    </section>
  )
}

/** The outermost net: whatever breaks outside of routes is said, with a way on. */
export class AppBoundary extends Component<{ children: ReactNode }, { cause: unknown }> {
  override state = { cause: null as unknown }

  static getDerivedStateFromError(cause: unknown) {
    return { cause }
  }

  override render() {
    if (this.state.cause === null) return this.props.children
    const error = toApiError(this.state.cause)
    return (
      <main role="alert" className="grid min-h-dvh place-items-center p-6 text-center">
        <div>
          <h1 className="text-page font-semibold">KubeOrch cannot go on</h1>
          <p className="mt-1 text-text-muted">{error.message}</p>
          <ErrorCode error={error} />
          <Button variant="primary" icon={RotateCw} className="mt-4" onClick={reload}>
            Reload
          </Button>
        </div>
      </main>
    )
  }
}
