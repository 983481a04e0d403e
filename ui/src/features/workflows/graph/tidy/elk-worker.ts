import ELK, { type ElkNode } from 'elkjs/lib/elk-api.js'
import workerUrl from 'elkjs/lib/elk-worker.min.js?url'
import type { Layouting } from './tidy'

/** Lay a graph out in a worker of its own, which ends with the work. */
export function layOutInWorker(graph: ElkNode): Layouting {
  const elk = new ELK({ workerFactory: () => new Worker(workerUrl) })
  const stop = () => elk.terminateWorker()
  return { done: elk.layout(graph).finally(stop), stop }
}
