import type { Catalogue, NodeType } from '../graph/types'

/** Types under a heading. */
export type TypeGroup = { title: string; types: readonly NodeType[] }

const MOST_RECENT = 4

/** All types and presets, those of the server first. */
export function allTypes({ types, presets }: Catalogue): NodeType[] {
  return [...types.values(), ...presets]
}

/** The types that are found by some words, the best first; without words all of them, as the server orders them. */
export function foundTypes(types: readonly NodeType[], text: string): NodeType[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  if (words.length === 0) return [...types]
  return types
    .map((type) => ({ type, cost: costOf(type, words) }))
    .filter(({ cost }) => Number.isFinite(cost))
    .sort((left, right) => left.cost - right.cost)
    .map(({ type }) => type)
}

/** How far a type is from what is looked for; infinite when a word is nowhere in it. */
function costOf({ title, kind, keywords, description }: NodeType, words: readonly string[]): number {
  const places = [title, kind, keywords.join(' '), description].map((place) => place.toLowerCase())
  return words.reduce((sum, word) => {
    const at = places.findIndex((place) => place.includes(word))
    if (at < 0) return Infinity
    const begins = places[at]?.startsWith(word) === true || places[at]?.includes(` ${word}`) === true
    return sum + 2 * at + (begins ? 0 : 1)
  }, 0)
}

/** The palette: favourites and what was used last, then every category. */
export function groupsOf(
  types: readonly NodeType[],
  { favourites, recents }: { favourites: readonly string[]; recents: readonly string[] },
): TypeGroup[] {
  const named = (names: readonly string[]) =>
    names.flatMap((name) => types.find((type) => type.type === name) ?? [])
  const categories = [...new Set(types.map(({ category }) => category))]
  return [
    { title: 'Favourites', types: named(favourites) },
    {
      title: 'Used last',
      types: named(recents.filter((name) => !favourites.includes(name))).slice(0, MOST_RECENT),
    },
    ...categories.map((category) => ({
      title: titleOf(category),
      types: types.filter((type) => type.category === category),
    })),
  ].filter(({ types: found }) => found.length > 0)
}

function titleOf(category: string): string {
  return `${category.charAt(0).toUpperCase()}${category.slice(1).replaceAll(/[-_]/g, ' ')}`
}

/** The names of what was used last, the newest first. */
export function usedNow(recents: readonly string[], type: string): string[] {
  return [type, ...recents.filter((name) => name !== type)].slice(0, 2 * MOST_RECENT)
}

/** Why a type cannot be used on the workflow's cluster; it may be drawn all the same. */
export function doubtOf({ availability }: NodeType): string | null {
  const { state = 'ok', reason } = availability ?? {}
  return state === 'ok' || state === 'unknown' ? null : (reason ?? 'It cannot be used on this cluster.')
}
