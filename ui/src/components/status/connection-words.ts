import {
  CloudOff,
  EllipsisVertical,
  History,
  LogOut,
  Pause,
  Radio,
  RefreshCw,
  type LucideIcon,
} from 'lucide-react'
import type { ConnectionSnapshot } from '@/lib/stream/types'

export type ConnectionLook = {
  word: string
  /** One sentence for those who ask. */
  meaning: string
  icon: LucideIcon
  tone: 'ok' | 'busy' | 'idle' | 'warn' | 'bad'
}

/** Seconds until the next attempt; null when none is planned. */
export function secondsToNext({ nextTryAt }: ConnectionSnapshot, now: number): number | null {
  return nextTryAt === null ? null : Math.max(0, Math.ceil((nextTryAt - now) / 1_000))
}

/** Whether some topic has lost updates and waits for what is true now. */
export function isBehind({ topics }: ConnectionSnapshot): boolean {
  return topics.some((topic) => topic.state === 'behind')
}

/** How a connection is shown. */
export function lookOfConnection(connection: ConnectionSnapshot, now: number): ConnectionLook {
  const wait = secondsToNext(connection, now)
  switch (connection.state) {
    case 'live':
      return isBehind(connection)
        ? {
            word: 'Behind: reloading',
            meaning: 'Some changes were missed; the newest are on their way.',
            icon: History,
            tone: 'warn',
          }
        : { word: 'Live', meaning: 'Changes appear here as they happen.', icon: Radio, tone: 'ok' }
    case 'reconnecting':
      return {
        word: wait === null ? 'Reconnecting' : `Reconnecting, next try in ${wait} s`,
        meaning: 'The live connection was lost. What is shown may be old.',
        icon: RefreshCw,
        tone: 'warn',
      }
    case 'offline':
      return {
        word: 'Offline',
        meaning: 'This device has no network. What is shown may be old.',
        icon: CloudOff,
        tone: 'bad',
      }
    case 'paused':
      return {
        word: 'Paused',
        meaning: 'Nothing is fetched while this tab is hidden.',
        icon: Pause,
        tone: 'idle',
      }
    case 'signed-out':
      return {
        word: 'Signed out',
        meaning: 'The session has ended. Sign in to see changes.',
        icon: LogOut,
        tone: 'bad',
      }
    case 'connecting':
    case 'idle':
      return {
        word: 'Connecting',
        meaning: 'The live connection is being opened.',
        icon: EllipsisVertical,
        tone: 'idle',
      }
  }
}
