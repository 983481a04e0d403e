import { useEffect } from 'react'
import { streamClient } from '@/lib/stream/stream'
import { isClean } from '../draft/draft-store'
import type { OpenWorkflow } from './open-workflow'

/** Let others see that somebody has this workflow open, and which card. */
export function useWhere({ id, stores, draft }: OpenWorkflow): void {
  useEffect(() => {
    let told = ''
    const tell = () => {
      const place = {
        workflow_id: id,
        node_id: stores.canvas.getState().selectedId,
        editing: !isClean(draft.getState()),
      }
      const now = JSON.stringify(place)
      if (now === told) return
      told = now
      streamClient().where.goTo(place)
    }
    tell()
    const leave = [stores.canvas.subscribe(tell), draft.subscribe(tell)]
    return () => {
      for (const stop of leave) stop()
      streamClient().where.goTo(null)
    }
  }, [id, stores, draft])
}
