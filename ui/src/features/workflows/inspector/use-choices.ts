import { useQueries } from '@tanstack/react-query'
import { useMemo } from 'react'
import { clusterOptionsQuery, OPTION_SOURCES, type ClusterOptions, type OptionSource } from '@/api/clusters'
import type { AskChoices, Choices } from '@/components/schema-form/form-state'
import type { JsonObject } from '@/lib/schema/json'
import { useWorkflow } from '../open/hooks'

/** What the workflow's cluster offers for the fields of a form. */
export function useChoices(hints: Readonly<Record<string, JsonObject>>): AskChoices {
  const { cluster_id: cluster, namespace } = useWorkflow()
  const sources = useMemo(() => sourcesOf(hints), [hints])
  const answers = useQueries({
    queries: sources.map((source) => ({
      ...clusterOptionsQuery(cluster ?? '', source, namespace),
      enabled: cluster !== null,
    })),
  })
  return (source) => {
    const at = sources.findIndex((each) => each === source)
    return at < 0 ? AWAY : choicesOf(cluster, answers[at])
  }
}

const AWAY: Choices = { items: [], state: 'away' }

/** What a form asks for; a source of a later server is no source here, and its field takes any text. */
function sourcesOf(hints: Readonly<Record<string, JsonObject>>): OptionSource[] {
  const named = new Set(Object.values(hints).map((hint) => hint.options_from))
  return OPTION_SOURCES.filter((source) => named.has(source))
}

function choicesOf(
  cluster: string | null,
  answer: { data: ClusterOptions | undefined; isPending: boolean } | undefined,
): Choices {
  if (cluster === null) return { ...AWAY, reason: 'This workflow has no cluster yet.' }
  if (answer?.data === undefined) return answer?.isPending === true ? { items: [], state: 'loading' } : AWAY
  const { items, reason } = answer.data
  return {
    items: items.map(({ value, label }) => ({ value, label })),
    state: items.length === 0 && reason ? 'away' : 'ready',
    ...(reason && { reason }),
  }
}
