export const SHORTEST_PASSWORD = 10

/** How hard a password is to guess, in a word; the server also refuses the commonest. */
export function strengthOf(password: string): { word: string; level: 0 | 1 | 2 | 3 } {
  const left = SHORTEST_PASSWORD - Array.from(password).length
  if (left > 0) return { word: `${left} more ${left === 1 ? 'character' : 'characters'}`, level: 0 }
  const variety = new Set(password).size
  if (variety < 5) return { word: 'Weak: few different characters', level: 1 }
  const kinds = [/[a-z]/, /[A-Z]/, /\d/, /[^a-zA-Z0-9]/].filter((kind) => kind.test(password)).length
  const score = Array.from(password).length + (kinds - 1) * 2
  if (score < 15) return { word: 'Fair: longer is better', level: 2 }
  return { word: 'Strong', level: 3 }
}
