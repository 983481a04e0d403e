import { replaceEqualDeep } from '@tanstack/react-query'
import { useState } from 'react'

/**
 * The same value, with all of the one before that is no different kept as it was: of a graph that is made anew, only
 * the cards that look otherwise are other objects, and only those render. `made` stays the same until it is made anew.
 */
export function useKept<Made>(made: Made): Made {
  const [last, setLast] = useState({ made, kept: made })
  if (last.made === made) return last.kept
  const kept = replaceEqualDeep(last.kept, made)
  setLast({ made, kept })
  return kept
}
