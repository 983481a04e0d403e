import { hashKey, QueryObserver, type QueryClient, type QueryKey } from '@tanstack/react-query'
import { useSyncExternalStore } from 'react'

/** Something that has a state and tells when it is another; the stores of zustand are such, too. */
export interface Readable<State> {
  getState: () => State
  subscribe: (listener: () => void) => () => void
}

/** A part of a state; the component renders again only when that part is another. */
export function useReadable<State, Chosen>(
  readable: Readable<State>,
  choose: (state: State) => Chosen,
): Chosen {
  return useSyncExternalStore(readable.subscribe, () => choose(readable.getState()))
}

interface Sources {
  /** Keys of the cache entries it is made of: always as many, but not always the same ones. */
  entries?: () => readonly QueryKey[]
  stores?: readonly Readable<unknown>[]
}

/**
 * A state that is made of cache entries and stores, and holds nothing itself.
 *
 * It is made once per change, however many listen: hundreds of observers of one cache entry would each ask for
 * their part. Listening keeps the entries in the cache; fetching them is for others to do.
 */
export function viewOf<State>(
  client: QueryClient,
  { entries = () => [], stores = [] }: Sources,
  make: () => State,
): Readable<State> {
  const listeners = new Set<() => void>()
  const observers: QueryObserver[] = []
  let leave: (() => void)[] = []
  let last: { inputs: readonly unknown[]; state: State } | null = null
  /** While somebody listens, a change is told, so until then the last state holds. */
  let settled = false

  const getState = () => {
    const before = last
    if (before !== null && settled) return before.state
    const inputs = [
      ...entries().map((queryKey) => client.getQueryData(queryKey)),
      ...stores.map((store) => store.getState()),
    ]
    const same = before?.inputs.every((input, at) => input === inputs[at]) === true
    const now = same ? before : { inputs, state: make() }
    last = now
    settled = listeners.size > 0
    return now.state
  }
  const changed = () => {
    settled = false
    entries().forEach((queryKey, at) => {
      const observer = observers[at]
      if (observer !== undefined && hashKey(observer.options.queryKey) !== hashKey(queryKey))
        observer.setOptions({ queryKey, enabled: false })
    })
    for (const listener of [...listeners]) listener()
  }
  const listen = () => {
    for (const queryKey of entries()) observers.push(new QueryObserver(client, { queryKey, enabled: false }))
    leave = [...observers, ...stores].map((source) => source.subscribe(changed))
    // something may have changed between the last look and now
    settled = false
  }
  const subscribe = (listener: () => void) => {
    listeners.add(listener)
    if (listeners.size === 1) listen()
    return () => {
      listeners.delete(listener)
      if (listeners.size > 0) return
      for (const stop of leave) stop()
      leave = []
      observers.length = 0
      settled = false
    }
  }
  return { getState, subscribe }
}
