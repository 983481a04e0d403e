import { Textarea } from '@/components/ui/input'
import { ABSENT } from '@/lib/schema/conditions'
import type { WidgetProps } from '../form-state'
import { joinWords, splitWords } from '../shell-words'
import { inputText, listOf } from './values'

const ROWS_AT_MOST = 8

/** A list of words, written as the line that a shell would take. */
export function CommandLineWidget({ field, value, control, readOnly, draft, keep, set }: WidgetProps) {
  const words = listOf(value).map(inputText)
  const text = draft?.text ?? joinWords(words)
  const write = (typed: string) => {
    const split = splitWords(typed)
    if ('problem' in split) {
      keep(typed, value, split.problem)
      return
    }
    const next = split.words.length > 0 ? split.words : ABSENT
    keep(typed, next)
    set(next, true)
  }
  return (
    <>
      <Textarea
        {...control}
        mono
        value={text}
        readOnly={readOnly}
        rows={Math.min(ROWS_AT_MOST, text.split('\n').length)}
        className="min-h-control"
        placeholder={field.hint.placeholder}
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
        onChange={(event) => write(event.target.value)}
      />
      {words.length > 1 && (
        <ol aria-label={`Words of ${field.title}`} className="flex flex-wrap gap-1">
          {words.map((word, index) => (
            <li
              // words may be the same
              key={index}
              className="max-w-full truncate rounded-control bg-sunken px-1.5 font-mono text-meta text-text-muted"
            >
              {word === '' ? '""' : word}
            </li>
          ))}
        </ol>
      )}
    </>
  )
}
