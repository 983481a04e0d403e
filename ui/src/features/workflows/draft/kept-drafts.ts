import { z } from '@/lib/config/zod'
import { GraphShape } from '../graph/shape'
import type { Graph } from '../graph/types'
import type { Base } from './draft-store'

/** What somebody has drawn and not saved, as this browser keeps it. Values of secrets are in no graph, so not here. */
export type KeptDraft = {
  /** The page that drew it; each page has one of its own. */
  id: string
  userId: string
  workflowId: string
  /** What it began with. */
  base: Base
  graph: Graph
  /** When it was last changed. */
  at: string
}

/** Where drafts are kept; what it answers has reached the disk. */
export interface Shelf {
  put: (draft: KeptDraft) => Promise<void>
  remove: (id: string) => Promise<void>
  /** The drafts of one workflow by one person, newest first. */
  of: (userId: string, workflowId: string) => Promise<KeptDraft[]>
}

const NAME = 'kubeorch'
const STORE = 'drafts'
const OWNER = 'owner'

const KeptShape = z.object({
  id: z.string(),
  userId: z.string(),
  workflowId: z.string(),
  base: z.object({ revision: z.number(), graph: GraphShape }),
  graph: GraphShape,
  at: z.string(),
})

/** Open the drafts that this browser keeps; fails where it keeps nothing, as in some private windows. */
export async function openShelf(): Promise<Shelf> {
  const asked = indexedDB.open(NAME, 1)
  asked.onupgradeneeded = () => {
    const made = asked.result.createObjectStore(STORE, { keyPath: 'id' })
    made.createIndex(OWNER, ['userId', 'workflowId'])
  }
  const database = await answerOf(asked)
  // a later version of the interface, in another tab, must not wait for this one
  database.onversionchange = () => database.close()
  const change = (make: (store: IDBObjectStore) => IDBRequest) => {
    const transaction = database.transaction(STORE, 'readwrite', { durability: 'strict' })
    make(transaction.objectStore(STORE))
    return endOf(transaction)
  }
  return {
    put: async (draft) => change((store) => store.put(draft)),
    remove: async (id) => change((store) => store.delete(id)),
    of: async (userId, workflowId) => {
      const store = database.transaction(STORE, 'readonly').objectStore(STORE)
      const found: unknown[] = await answerOf(store.index(OWNER).getAll([userId, workflowId]))
      const drafts = found.flatMap((each) => KeptShape.safeParse(each).data ?? [])
      return drafts.sort((left, right) => (left.at > right.at ? -1 : 1))
    },
  }
}

function answerOf<Answer>(request: IDBRequest<Answer>): Promise<Answer> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error ?? new Error('The browser did not answer.'))
  })
}

function endOf(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve()
    transaction.onabort = () => reject(transaction.error ?? new Error('The browser kept nothing.'))
  })
}
