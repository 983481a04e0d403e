import { QueryClientProvider, type QueryClient } from '@tanstack/react-query'
import { useEffect, type ReactNode } from 'react'
import { Toaster } from '@/components/ui/toast'
import { TooltipProvider } from '@/components/ui/tooltip'
import { useAnnouncements } from '@/lib/a11y/announce'
import { onSignedOut } from '@/lib/auth/session'

/** What everything stands on: cache, tooltips, messages, words for screen readers. */
export function Providers({ queryClient, children }: { queryClient: QueryClient; children: ReactNode }) {
  useEffect(() => onSignedOut(() => queryClient.clear()), [queryClient])
  return (
    <QueryClientProvider client={queryClient}>
      <TooltipProvider delayDuration={400} skipDelayDuration={200}>
        {children}
        <Toaster />
        <LiveRegions />
      </TooltipProvider>
    </QueryClientProvider>
  )
}

function LiveRegions() {
  const { polite, assertive } = useAnnouncements()
  return (
    <div className="sr-only">
      <div aria-live="polite" aria-atomic="true">
        <span key={polite.count}>{polite.text}</span>
      </div>
      <div aria-live="assertive" aria-atomic="true">
        <span key={assertive.count}>{assertive.text}</span>
      </div>
    </div>
  )
}
