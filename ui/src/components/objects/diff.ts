import { toYaml } from './yaml'

/** One field that differs: null on a side that does not have it. */
export interface FieldChange {
  path: string
  old?: unknown
  new?: unknown
}

export type DiffLine = { sign: ' ' | '-' | '+'; text: string }

/** Longer texts are shown whole, old above new: finding their common lines would take too long. */
const MOST_LINES = 400
/** Equal lines shown around those that differ. */
const AROUND = 3

/** What a change looks like: lines that go, lines that come, and some that stay between them. */
export function linesOf({ old, new: next }: FieldChange): DiffLine[] {
  const [before, after] = [old ?? null, next ?? null]
  if (before === null) return signed('+', textOf(after))
  if (after === null) return signed('-', textOf(before))
  const [gone, come] = [textOf(before), textOf(after)]
  // values of secrets are masked on both sides
  if (gone === come) return [...signed('-', gone), ...signed('+', come)]
  return shortened(compareLines(gone.split('\n'), come.split('\n')))
}

/** A value as it is read: text as it stands, everything else as YAML. */
export function textOf(value: unknown): string {
  if (value === '') return '""'
  return typeof value === 'string' ? value.replace(/\n$/, '') : toYaml(value)
}

function signed(sign: DiffLine['sign'], text: string): DiffLine[] {
  return text.split('\n').map((line) => ({ sign, text: line }))
}

/** The shortest way from some lines to others, what goes before what comes. */
export function compareLines(old: readonly string[], next: readonly string[]): DiffLine[] {
  if (old.length * next.length > MOST_LINES * MOST_LINES) {
    return [...signed('-', old.join('\n')), ...signed('+', next.join('\n'))]
  }
  const common = commonLengths(old, next)
  const found: DiffLine[] = []
  let [left, right] = [0, 0]
  while (left < old.length || right < next.length) {
    const [gone, come] = [old[left], next[right]]
    if (gone !== undefined && gone === come) {
      found.push({ sign: ' ', text: gone })
      left += 1
      right += 1
    } else if (
      gone !== undefined &&
      (come === undefined || at(common, left + 1, right) >= at(common, left, right + 1))
    ) {
      found.push({ sign: '-', text: gone })
      left += 1
    } else if (come !== undefined) {
      found.push({ sign: '+', text: come })
      right += 1
    }
  }
  return found
}

/** How many lines the rests from each pair of places have in common. */
function commonLengths(old: readonly string[], next: readonly string[]): number[][] {
  const found = Array.from({ length: old.length + 1 }, () => Array.from({ length: next.length + 1 }, () => 0))
  for (let left = old.length - 1; left >= 0; left -= 1) {
    const row = found[left]
    if (row === undefined) continue
    for (let right = next.length - 1; right >= 0; right -= 1) {
      row[right] =
        old[left] === next[right]
          ? at(found, left + 1, right + 1) + 1
          : Math.max(at(found, left + 1, right), at(found, left, right + 1))
    }
  }
  return found
}

function at(table: readonly (readonly number[])[], left: number, right: number): number {
  return table[left]?.[right] ?? 0
}

/** Leave out equal lines that are far from any that differs. */
function shortened(lines: readonly DiffLine[]): DiffLine[] {
  const near = lines.map((_, index) =>
    lines.slice(Math.max(0, index - AROUND), index + AROUND + 1).some(({ sign }) => sign !== ' '),
  )
  const found: DiffLine[] = []
  let skipped = 0
  const close = () => {
    if (skipped > 0) found.push({ sign: ' ', text: `… ${skipped} equal line${skipped === 1 ? '' : 's'}` })
    skipped = 0
  }
  lines.forEach((line, index) => {
    if (near[index] === true) {
      close()
      found.push(line)
    } else skipped += 1
  })
  close()
  return found
}

/** Fields whose keys people choose: what follows is one name, whatever dots are in it. */
const CHOSEN = /(?:^|\.)(?:annotations|labels|matchLabels|nodeSelector|data|stringData|binaryData)\.(?=[^.])/

/** What leads to a field, and its own name: "spec.template." and "image". */
export function splitPath(path: string): [string, string] {
  const chosen = CHOSEN.exec(path)
  if (chosen !== null) {
    const end = chosen.index + chosen[0].length
    return [path.slice(0, end), path.slice(end)]
  }
  // a dot inside of brackets belongs to a name: containers[a.b]
  const last = /^(.*\.)?((?:[^.[\]]|\[[^\]]*\])+)$/.exec(path)
  return last === null ? ['', path] : [last[1] ?? '', last[2] ?? path]
}
