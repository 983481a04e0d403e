import { useEffect } from 'react'
import { checkGraph } from '@/api/workflows'
import { isClean } from '../draft/draft-store'
import { bodyOf } from '../graph/graph'
import type { Graph } from '../graph/types'
import type { OpenWorkflow } from './open-workflow'

/** After so long without another edit the server is asked. */
const QUIET_MS = 600

/** Have the server check what is drawn and not saved; an answer about what was drawn before is dropped. */
export function useDrawnChecks({ id, draft, stores }: OpenWorkflow): void {
  useEffect(() => {
    let asked: AbortController | null = null
    let timer: ReturnType<typeof setTimeout> | undefined
    let last: Graph | null = null
    const check = async (graph: Graph) => {
      const now = new AbortController()
      asked = now
      try {
        const issues = await checkGraph(id, bodyOf(graph), now.signal)
        if (!now.signal.aborted) stores.checks.setState({ issues })
      } catch {
        // without an answer what was said last stands; saving and running check again
      }
    }
    const changed = () => {
      const state = draft.getState()
      const { present } = state.history
      if (present === last) return
      last = present
      asked?.abort()
      clearTimeout(timer)
      if (!isClean(state)) timer = setTimeout(() => void check(present), QUIET_MS)
    }
    const stop = draft.subscribe(changed)
    return () => {
      stop()
      asked?.abort()
      clearTimeout(timer)
    }
  }, [id, draft, stores])
}
