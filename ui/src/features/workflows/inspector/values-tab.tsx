import { useMutation, useQuery } from '@tanstack/react-query'
import { useState, type SubmitEvent } from 'react'
import { Button } from '@/components/ui/button'
import { Field } from '@/components/ui/field'
import { PasswordInput } from '@/components/ui/input'
import { Banner, ErrorPanel } from '@/components/ui/panels'
import { Loading, Skeleton } from '@/components/ui/skeleton'
import { toast } from '@/components/ui/toast'
import type { Schema } from '@/lib/api/client'
import { toApiError } from '@/lib/api/error'
import { count } from '@/lib/format/numbers'
import { formatRelative } from '@/lib/time/time'
import { useNow } from '@/lib/time/use-now'
import type { GraphNode } from '../graph/types'
import { useDraft, useWorkflow } from '../open/hooks'
import { useOpenWorkflow } from '../open/open-workflow'
import { Nothing } from '@/components/objects/part'
import { secretKeysQuery, writeSecretsMutation } from '@/api/secrets'

type SecretKey = Schema<'SecretKey'>

/** The keys of a secret: which have a value, and fields that set one. Values go one way only. */
export function ValuesTab({ node }: { node: GraphNode }) {
  const { id, revision } = useWorkflow()
  const { saving } = useOpenWorkflow()
  const isSaved = useDraft(({ base }) => base.graph.nodes.some((each) => each.id === node.id))
  const { data, error, refetch, isFetching } = useQuery({
    ...secretKeysQuery(id, node.id, revision),
    enabled: isSaved,
  })
  const [typed, setTyped] = useState<Record<string, string>>({})
  const write = useMutation({
    ...writeSecretsMutation(id, node.id, revision),
    onSuccess: (_keys, values) => {
      setTyped({})
      toast.done(`${count(Object.keys(values).length, 'value')} written`)
    },
  })
  if (error && data === undefined) {
    return (
      <ErrorPanel
        error={toApiError(error)}
        what="the keys"
        onRetry={() => void refetch()}
        busy={isFetching}
      />
    )
  }
  if (data === undefined && isSaved) {
    return (
      <Loading label="Loading the keys">
        <Skeleton className="h-24 w-full" />
      </Loading>
    )
  }
  const keys = keysOf(node, data?.keys ?? [])
  if (keys.length === 0) return <Nothing>This secret has no keys yet. Configure names them.</Nothing>
  const put = async (values: Record<string, string | null>) => {
    // the server knows keys of what is saved only
    if (await saving.save()) write.mutate(values)
  }
  const filled = Object.entries(typed).filter(([, value]) => value !== '')
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    if (filled.length > 0) void put(Object.fromEntries(filled))
  }
  return (
    <form onSubmit={submit} className="grid gap-4" autoComplete="off">
      <p className="text-dense text-text-muted">
        Values are stored encrypted and never shown again. An empty field keeps what is set.
      </p>
      {write.error && (
        <Banner tone="bad" alert>
          {toApiError(write.error).message}
        </Banner>
      )}
      {keys.map((key) => (
        <Value
          key={key.key}
          secret={key}
          value={typed[key.key] ?? ''}
          onChange={(value) => setTyped((before) => ({ ...before, [key.key]: value }))}
          onRemove={() => void put({ [key.key]: null })}
        />
      ))}
      <div>
        <Button
          type="submit"
          variant="primary"
          busy={write.isPending}
          refused={filled.length === 0 && 'Type a value first.'}
        >
          Save values
        </Button>
      </div>
    </form>
  )
}

/** The keys that are drawn, with what the server knows of those that are saved. */
function keysOf(node: GraphNode, known: readonly SecretKey[]): SecretKey[] {
  const { keys } = node.data
  const drawn = Array.isArray(keys) ? keys.filter((key) => typeof key === 'string' && key !== '') : []
  return [...new Set<string>(drawn)].map(
    (key) => known.find((each) => each.key === key) ?? { key, set: false },
  )
}

interface ValueProps {
  secret: SecretKey
  value: string
  onChange: (value: string) => void
  onRemove: () => void
}

function Value({ secret, value, onChange, onRemove }: ValueProps) {
  const now = useNow()
  return (
    <div className="flex items-start gap-2">
      <div className="grow">
        <Field label={secret.key} help={value === '' ? stateOf(secret, now) : 'will be set on save'}>
          {(control) => (
            <PasswordInput
              {...control}
              value={value}
              autoComplete="new-password"
              spellCheck={false}
              placeholder={secret.set ? '••••••••' : ''}
              onChange={(event) => onChange(event.target.value)}
            />
          )}
        </Field>
      </div>
      {secret.set && (
        <Button
          variant="ghost"
          onClick={onRemove}
          className="mt-[26px]"
          aria-label={`Remove the value of ${secret.key}`}
        >
          Remove
        </Button>
      )}
    </div>
  )
}

/** "set, changed 2 d ago by Ana" */
function stateOf(
  { set, needs_reentry: needsReentry, updated_at: at, updated_by: by }: SecretKey,
  now: number,
): string {
  if (needsReentry === true) return 'Must be entered again: it was encrypted with a key that is gone.'
  if (!set) return 'Not set'
  const when = at == null ? '' : `, changed ${formatRelative(Date.parse(at), now)}`
  return `Set${when}${by?.name ? ` by ${by.name}` : ''}`
}
