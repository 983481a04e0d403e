import { ChevronDown, ChevronUp, X } from 'lucide-react'
import { useEffect, useState } from 'react'
import { IconButton } from '@/components/ui/button'
import { SearchInput } from '@/components/ui/input'
import { announce } from '@/lib/a11y/announce'
import { count } from '@/lib/format/numbers'
import { search, type SearchState } from '../graph/search'
import { useCanvas } from '../open/hooks'
import { useOpenWorkflow, type OpenWorkflow } from '../open/open-workflow'
import { staleSinceOf } from '../open/status'

/** Search on the canvas: what does not match steps back, Enter leads from one match to the next. */
export function SearchBar() {
  const wanted = useCanvas((state) => state.search)
  return wanted === null ? null : <Bar wanted={wanted} />
}

function Bar({ wanted }: { wanted: string }) {
  const open = useOpenWorkflow()
  const [at, setAt] = useState(-1)
  const [found, setFound] = useState<readonly string[]>([])
  useEffect(() => () => open.stores.canvas.setState({ found: null }), [open])
  const look = (text: string) => {
    const ids = text.trim() === '' ? [] : search(text, searchedIn(open))
    open.stores.canvas.setState({ search: text, found: text.trim() === '' ? null : new Set(ids) })
    setFound(ids)
    setAt(-1)
    if (text.trim() !== '')
      announce(ids.length === 0 ? 'Nothing found' : `${count(ids.length, 'node')} found`)
  }
  const step = (by: number) => {
    const next = (Math.max(at, by > 0 ? -1 : 0) + by + found.length) % found.length
    const id = found[next]
    setAt(next)
    if (id !== undefined) open.view.get()?.fit(new Set([id]))
  }
  const close = () => {
    const id = found[Math.max(0, at)]
    open.stores.canvas.setState({ search: null, found: null })
    if (id !== undefined) open.view.get()?.focus(id)
  }
  return (
    <div className="absolute top-3 right-3 z-20 flex w-80 max-w-[calc(100%-24px)] items-center gap-1 rounded-card border border-line bg-raised p-1.5 shadow-float">
      <SearchInput
        label="Search the canvas"
        placeholder="web, kind:service, is:error"
        // it was asked for by a key just now, to type into
        // eslint-disable-next-line jsx-a11y/no-autofocus
        autoFocus
        value={wanted}
        onChange={look}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && found.length > 0) step(event.shiftKey ? -1 : 1)
          if (event.key === 'Escape') close()
        }}
        className="grow"
      />
      <span className="tabular shrink-0 px-1 text-meta text-text-muted">
        {found.length === 0 ? '0' : `${Math.max(0, at) + 1}/${found.length}`}
      </span>
      <IconButton icon={ChevronUp} label="Previous match" onClick={() => found.length > 0 && step(-1)} />
      <IconButton icon={ChevronDown} label="Next match" onClick={() => found.length > 0 && step(1)} />
      <IconButton icon={X} label="Close search" onClick={close} />
    </div>
  )
}

function searchedIn({ graph, workflow, status, issues, draft }: OpenWorkflow) {
  const { graph: drawn, catalogue } = graph.getState()
  const { statuses, unheardSince } = status.getState()
  const saved = new Map(draft.getState().base.graph.nodes.map((node) => [node.id, node]))
  const isSo = (state: SearchState, id: string): boolean => {
    switch (state) {
      case 'error':
        return (
          statuses[id]?.state === 'error' ||
          issues.getState().some((issue) => issue.node_id === id && issue.severity !== 'warning')
        )
      case 'stale':
        return staleSinceOf(statuses[id], unheardSince) !== null
      case 'changed':
        return saved.get(id) !== drawn.nodes.find((node) => node.id === id)
    }
  }
  return { graph: drawn, catalogue, namespace: workflow.getState().namespace, isSo }
}
