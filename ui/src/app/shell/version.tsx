import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Button } from '@/components/ui/button'
import { serverVersionQuery } from '@/api/server'

/** The version that runs, for the foot of the sidebar. */
export function Version() {
  const { data } = useQuery(serverVersionQuery)
  return <p className="grow truncate pl-2.5 text-meta text-text-muted">{data && `Version ${data.version}`}</p>
}

/** Offers to load a version that was put into place meanwhile; never by itself, because work may be unsaved. */
export function NewVersionNotice() {
  const { data } = useQuery(serverVersionQuery)
  const [first, setFirst] = useState<string | null>(null)
  if (data && first === null) setFirst(data.version)
  if (!data || first === null || data.version === first) return null
  return (
    <div
      role="status"
      className="flex flex-wrap items-center justify-center gap-x-3 gap-y-1 border-b border-line bg-status-busy-bg px-4 py-1.5 text-dense text-status-busy"
    >
      KubeOrch {data.version} is in place; this page is {first}.
      <Button variant="ghost" onClick={() => window.location.reload()}>
        Reload
      </Button>
    </div>
  )
}
