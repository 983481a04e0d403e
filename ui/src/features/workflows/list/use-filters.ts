import { useCallback, useEffect, useMemo, useRef } from 'react'
import { useSearchParams } from 'react-router-dom'
import { LIFECYCLE_FILTERS, SORTS, type WorkflowFilters } from '@/api/workflows'

/** The filters of the list as the address says them; what it says wrongly is left out. */
export function readFilters(query: URLSearchParams): WorkflowFilters {
  return {
    q: (query.get('q') ?? '').slice(0, 100),
    status: LIFECYCLE_FILTERS.find((status) => status === query.get('status')) ?? null,
    cluster: query.get('cluster'),
    sort: SORTS.find((sort) => sort === query.get('sort')) ?? '-updated_at',
  }
}

/** Write a change of the filters into an address, leaving out what is the default. */
export function writeFilters(query: URLSearchParams, change: Partial<WorkflowFilters>): URLSearchParams {
  const next = new URLSearchParams(query)
  for (const [name, value] of Object.entries(change)) {
    if (!value || (name === 'sort' && value === '-updated_at')) next.delete(name)
    else next.set(name, value)
  }
  return next
}

export function useFilters() {
  const [query, setQuery] = useSearchParams()
  const filters = useMemo(() => readFilters(query), [query])
  // several changes may come before the address is read again, so each goes on from the one before
  const latest = useRef(query)
  useEffect(() => {
    latest.current = query
  }, [query])
  const change = useCallback(
    (wanted: Partial<WorkflowFilters>) => {
      latest.current = writeFilters(latest.current, wanted)
      setQuery(latest.current, { replace: true })
    },
    [setQuery],
  )
  const clear = useCallback(() => change({ q: '', status: null, cluster: null }), [change])
  const filtered = Boolean(filters.q || filters.status || filters.cluster)
  return { filters, change, clear, filtered }
}
