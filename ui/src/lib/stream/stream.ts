import { useEffect, useRef } from 'react'
import { create } from 'zustand'
import { toApiError } from '@/lib/api/error'
import { getToken, onSignedOut, refreshToken, useAuth } from '@/lib/auth/session'
import { StreamClient } from './client'
import { browserEnvironment } from './environment'
import { speakLosses } from './speak-losses'
import { NOT_CONNECTED, type ConnectionSnapshot, type TopicHandler } from './types'

/** How the tab's one live connection is. */
export const useConnection = create<ConnectionSnapshot>(() => NOT_CONNECTED)

let client: StreamClient | null = null
let leave: (() => void)[] = []

/** The stream of this tab, made when it is first needed. */
export function streamClient(): StreamClient {
  client ??= makeClient()
  return client
}

function makeClient(): StreamClient {
  const made = new StreamClient(browserEnvironment(), { token: getToken, refresh: refreshOrNull })
  made.watch((snapshot) => useConnection.setState(snapshot, true))
  made.watch(speakLosses())
  leave = [
    onSignedOut(() => made.signedOut()),
    useAuth.subscribe((now, before) => {
      if (now.phase === 'signed-in' && before.phase !== 'signed-in') made.signedIn()
    }),
  ]
  return made
}

/** Close the connection and forget everything; for tests and for nothing else. */
export function resetStream(): void {
  client?.close()
  client = null
  for (const stop of leave) stop()
  leave = []
  useConnection.setState(NOT_CONNECTED, true)
}

/** A new token; null when the session is over. What may pass, such as a cut line, is thrown. */
async function refreshOrNull(): Promise<string | null> {
  try {
    return await refreshToken()
  } catch (cause) {
    const { status } = toApiError(cause)
    if (status === 401 || status === 403) return null
    throw cause
  }
}

/** Hear of a topic while the component is there; null hears nothing. The handler may change at any time. */
export function useTopic(topic: string | null, handler: TopicHandler): void {
  const latest = useRef(handler)
  useEffect(() => {
    latest.current = handler
  })
  useEffect(() => {
    if (topic === null) return
    return streamClient().subscribe(topic, {
      onUpdate: (update) => latest.current.onUpdate(update),
      onRefused: (refusal) => latest.current.onRefused?.(refusal),
      onGap: () => latest.current.onGap?.(),
    })
  }, [topic])
}
