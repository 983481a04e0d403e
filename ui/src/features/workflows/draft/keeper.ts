import { createStore } from 'zustand/vanilla'
import { newId } from '@/lib/api/send'
import { sameGraph } from '../graph/same'
import { isClean, type Draft } from './draft-store'
import { openShelf, type KeptDraft, type Shelf } from './kept-drafts'

export type KeeperState = {
  /** Drafts from before, newest first, that nobody has decided about. */
  offered: readonly KeptDraft[]
  /** This browser cannot keep what is drawn: it is gone with the page unless it is saved. */
  failing: boolean
}

/** Keeps what is drawn and not saved in this browser, and offers what was kept before. */
export interface Keeper {
  getState: () => KeeperState
  subscribe: (listener: () => void) => () => void
  /** Begin; returns how to stop. What was drawn last stays kept. */
  start: () => () => void
  /** Draw an offered draft, as one step. */
  takeUp: (kept: KeptDraft) => void
  throwAway: (kept: KeptDraft) => void
  /** Keep what is drawn now as a draft of its own, and offer it. */
  setAside: () => Promise<void>
}

interface On {
  workflowId: string
  /** Who draws; null while nobody is signed in. */
  userId: () => string | null
  draft: Draft
  open?: () => Promise<Shelf>
}

export function createKeeper({ workflowId, userId, draft, open = openShelf }: On): Keeper {
  const store = createStore<KeeperState>(() => ({ offered: [], failing: false }))
  const own = newId()
  let shelf: Promise<Shelf> | null = null
  const shelfOf = () => (shelf ??= open())
  const record = (id: string, user: string): KeptDraft => {
    const { base, history } = draft.getState()
    return { id, userId: user, workflowId, base, graph: history.present, at: new Date().toISOString() }
  }
  const writing = writeInTurn(
    async (opened) => {
      const user = userId()
      // who is signed out keeps what was kept
      if (user === null) return
      await (isClean(draft.getState()) ? opened.remove(own) : opened.put(record(own, user)))
    },
    (failing) => store.setState({ failing }),
  )
  const forget = (id: string) => {
    store.setState(({ offered }) => ({ offered: offered.filter((kept) => kept.id !== id) }))
    shelfOf()
      .then((opened) => opened.remove(id))
      // it is offered again the next time then
      .catch(() => undefined)
  }
  const offer = async (opened: Shelf) => {
    const user = userId()
    if (user === null) return
    const elsewhere = await heldElsewhere()
    const found = (await opened.of(user, workflowId)).filter(
      ({ id }) => id !== own && !elsewhere.has(lockOf(id)),
    )
    const { graph: saved } = draft.getState().base
    for (const { id } of found.filter(({ graph }) => sameGraph(graph, saved))) void opened.remove(id)
    store.setState({ offered: found.filter(({ graph }) => !sameGraph(graph, saved)) })
  }
  return {
    getState: store.getState,
    subscribe: store.subscribe,
    start: () => {
      const release = hold(lockOf(own))
      let stop: () => void = () => undefined
      let over = false
      void shelfOf().then(
        async (opened) => {
          if (over) return
          stop = whenDrawn(draft, () => writing(opened))
          await offer(opened)
        },
        () => {
          shelf = null
          if (!over) stop = whenDrawn(draft, () => store.setState({ failing: true }))
        },
      )
      return () => {
        over = true
        stop()
        release()
      }
    },
    takeUp: (kept) => {
      const { base } = draft.getState()
      draft.takeUp('Take up unsaved changes', kept.base, kept.graph)
      // somebody may have saved since that was drawn
      draft.hear(base)
      forget(kept.id)
    },
    throwAway: ({ id }) => forget(id),
    setAside: async () => {
      const user = userId()
      if (user === null || isClean(draft.getState())) return
      const kept = record(newId(), user)
      await (await shelfOf()).put(kept)
      store.setState(({ offered }) => ({ offered: [kept, ...offered] }))
    },
  }
}

/** Call back whenever something else is drawn, or was saved; and now, unless all that is drawn is saved. */
function whenDrawn(draft: Draft, listener: () => void): () => void {
  let last = draft.getState()
  if (!isClean(last)) listener()
  return draft.subscribe(() => {
    const now = draft.getState()
    const same = now.history.present === last.history.present && now.base === last.base
    last = now
    if (!same) listener()
  })
}

/** Write at once; while a write is under way, what comes is written together right after it. */
function writeInTurn(
  write: (shelf: Shelf) => Promise<void>,
  tell: (failing: boolean) => void,
): (shelf: Shelf) => void {
  let [busy, again] = [false, false]
  const begin = (shelf: Shelf) => {
    if (busy) {
      again = true
      return
    }
    busy = true
    const done = (failing: boolean) => {
      busy = false
      tell(failing)
      if (!again) return
      again = false
      begin(shelf)
    }
    write(shelf).then(
      () => done(false),
      () => done(true),
    )
  }
  return begin
}

function lockOf(id: string): string {
  return `kubeorch-draft:${id}`
}

/** Locks of the browser, which other tabs see; undefined on plain http. */
function locks(): LockManager | undefined {
  return 'locks' in navigator ? navigator.locks : undefined
}

/** Hold a lock, so that other tabs know that this page is open; returns how to let it go. */
function hold(name: string): () => void {
  let release: () => void = () => undefined
  const until = new Promise<void>((resolve) => {
    release = resolve
  })
  locks()
    ?.request(name, () => until)
    .catch(() => undefined)
  return release
}

/** The locks that pages of this browser hold. */
async function heldElsewhere(): Promise<Set<string>> {
  const { held = [] } = (await locks()?.query()) ?? {}
  return new Set(held.flatMap(({ name }) => name ?? []))
}
