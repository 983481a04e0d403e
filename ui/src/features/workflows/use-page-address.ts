import { useEffect, useLayoutEffect, useRef } from 'react'
import { useSearchParams } from 'react-router-dom'
import { useOpenWorkflow } from './open/open-workflow'

/** What the address says of the page; every part of the page can change it from now on. */
export function usePageAddress(): URLSearchParams {
  const { address, stores } = useOpenWorkflow()
  const [query, setQuery] = useSearchParams()
  // several changes may come before the address is read again, so each goes on from the one before
  const latest = useRef(query)
  useEffect(() => {
    latest.current = query
  }, [query])
  // before the effects of the parts of the page, which may want to change it
  useLayoutEffect(
    () =>
      address.doneBy((values) => {
        const after = new URLSearchParams(latest.current)
        for (const [key, value] of Object.entries(values)) {
          if (value === null) after.delete(key)
          else after.set(key, value)
        }
        latest.current = after
        setQuery(after, { replace: true })
      }),
    [address, setQuery],
  )
  const selectedId = query.get('node')
  useEffect(() => {
    stores.canvas.setState({ selectedId })
  }, [stores, selectedId])
  return query
}
