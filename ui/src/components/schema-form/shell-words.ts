/** A command line and the words that a shell would make of it. Pure. */

export type Split = { words: string[] } | { problem: string }

/** The words of a command line: quotes keep words together, a backslash keeps the next character as it is. */
export function splitWords(line: string): Split {
  const words: string[] = []
  let word: string | null = null
  let quote: string | null = null
  for (let index = 0; index < line.length; index += 1) {
    const letter = line.charAt(index)
    if (quote === "'" ? letter === "'" : letter === quote) quote = null
    else if (quote === null && (letter === "'" || letter === '"')) {
      quote = letter
      word ??= ''
    } else if (letter === '\\' && quote !== "'") {
      const next = line.charAt(index + 1)
      if (next === '') return { problem: 'A backslash at the end keeps nothing; write two for one.' }
      // inside of double quotes it stays itself before other letters
      word = (word ?? '') + (quote === null || next === '"' || next === '\\' ? next : letter + next)
      index += 1
    } else if (quote === null && /\s/.test(letter)) {
      if (word !== null) words.push(word)
      word = null
    } else word = (word ?? '') + letter
  }
  if (quote !== null) return { problem: `A quote ${quote} is open; close it.` }
  return { words: word === null ? words : [...words, word] }
}

/** A command line that gives these words again. */
export function joinWords(words: readonly string[]): string {
  return words.map(quoted).join(' ')
}

function quoted(word: string): string {
  if (word !== '' && !/[\s'"\\]/.test(word)) return word
  return word.includes("'") ? `"${word.replace(/["\\]/g, '\\$&')}"` : `'${word}'`
}
