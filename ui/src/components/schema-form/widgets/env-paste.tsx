import { useId, useState } from 'react'
import { Button } from '@/components/ui/button'
import { Textarea } from '@/components/ui/input'
import { count } from '@/lib/format/numbers'
import { readEnvFile, taken, takingOf, type Kinds, type Taking } from '../env-file'
import { Problem } from '../field-notes'

interface EnvPasteProps {
  items: readonly unknown[]
  kinds: Kinds
  onTake: (items: unknown[], label: string) => void
}

const WORDS: Record<Taking['does'], string> = {
  add: 'new',
  change: 'changed',
  same: 'as it is',
  keep: 'kept, it comes from elsewhere',
}

/** Takes the variables of a `.env` file, after showing what that changes. */
export function EnvPaste({ items, kinds, onTake }: EnvPasteProps) {
  const id = useId()
  const [text, setText] = useState('')
  const [plain, setPlain] = useState<ReadonlySet<string>>(new Set())
  const { variables, problems } = readEnvFile(text)
  const taking = takingOf(items, variables, kinds)
  const takes = taking.filter(({ does }) => does === 'add' || does === 'change')
  const asSecret = new Set(
    kinds.secret === null
      ? []
      : takes.filter(({ name, sensitive }) => sensitive && !plain.has(name)).map(({ name }) => name),
  )
  const toggle = (name: string, isSecret: boolean) => {
    const next = new Set(plain)
    if (isSecret) next.delete(name)
    else next.add(name)
    setPlain(next)
  }
  return (
    <div className="grid gap-2 rounded-control border border-line p-2.5">
      <label htmlFor={id} className="text-dense font-medium">
        Contents of a .env file
      </label>
      <Textarea
        id={id}
        mono
        rows={4}
        value={text}
        placeholder="LOG_LEVEL=info"
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
        aria-describedby={`${id}-problems`}
        onChange={(event) => setText(event.target.value)}
      />
      <div id={`${id}-problems`} className="grid gap-1 text-meta empty:hidden">
        {problems.map(({ line, message }) => (
          <Problem key={line} severity="warning">{`Line ${line} is left out: ${message}`}</Problem>
        ))}
      </div>
      {taking.length > 0 && (
        <ul aria-label="What is taken" className="grid gap-1 text-dense">
          {taking.map((each) => (
            <Preview
              key={each.name}
              variable={each}
              isSecret={asSecret.has(each.name)}
              onSecret={kinds.secret !== null && takes.includes(each) ? toggle : null}
            />
          ))}
        </ul>
      )}
      {asSecret.size > 0 && (
        <p className="text-meta text-text-muted">
          Values from a Secret are not taken: choose the Secret, and set them there.
        </p>
      )}
      <Button
        variant="primary"
        className="justify-self-start"
        refused={
          takes.length === 0 && (text.trim() === '' ? 'Paste a .env file first' : 'Nothing would change')
        }
        onClick={() =>
          onTake(
            taken(items, taking, { asSecret, kinds }),
            `Take ${count(takes.length, 'variable')} from .env`,
          )
        }
      >
        Take {count(takes.length, 'variable')}
      </Button>
    </div>
  )
}

interface PreviewProps {
  variable: Taking
  isSecret: boolean
  onSecret: ((name: string, isSecret: boolean) => void) | null
}

function Preview({ variable: { name, value, does, sensitive }, isSecret, onSecret }: PreviewProps) {
  return (
    <li className="flex flex-wrap items-baseline justify-between gap-x-3">
      <span className="min-w-0 font-mono text-mono break-all">
        {name}
        {!sensitive && <span className="text-text-muted">={value === '' ? '""' : value}</span>}
      </span>
      <span className="flex items-baseline gap-3 text-meta text-text-muted">
        {sensitive && onSecret && (
          <label className="flex min-h-6 items-center gap-1.5">
            <input
              type="checkbox"
              checked={isSecret}
              onChange={(event) => onSecret(name, event.target.checked)}
              className="size-4 accent-accent"
            />
            from a Secret
            <span className="sr-only">: {name}</span>
          </label>
        )}
        {WORDS[does]}
      </span>
    </li>
  )
}
