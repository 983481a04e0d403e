import type { HeadChanges, Workflow } from '@/api/workflows'
import { z } from '@/lib/config/zod'
import { NAMESPACE, NAMESPACE_RULE } from '@/lib/format/names'

export const MOST_TAGS = 20
export const LONGEST_TAG = 40

/** What the form holds: everything that is said of a workflow beside its graph. */
export const SettingsValues = z.object({
  name: z.string().trim().min(1, 'Give it a name.').max(80, 'At most 80 characters.'),
  description: z.string().max(2000, 'At most 2,000 characters.'),
  /** Empty: none. */
  cluster_id: z.string(),
  namespace: z.string().trim().regex(NAMESPACE, NAMESPACE_RULE),
  tags: z.array(z.string()).max(MOST_TAGS, `At most ${MOST_TAGS} tags.`),
})
export type SettingsValues = z.infer<typeof SettingsValues>

export const FIELDS = ['name', 'description', 'cluster_id', 'namespace', 'tags'] as const

export function valuesOf(workflow: Workflow): SettingsValues {
  return {
    name: workflow.name,
    description: workflow.description,
    cluster_id: workflow.cluster_id ?? '',
    namespace: workflow.namespace,
    tags: [...workflow.tags],
  }
}

/** Only what is another than before: what was not touched here may be changed by somebody else meanwhile. */
export function changedOf(before: SettingsValues, values: SettingsValues): Partial<SettingsValues> {
  return {
    ...(values.name !== before.name && { name: values.name }),
    ...(values.description !== before.description && { description: values.description }),
    ...(values.cluster_id !== before.cluster_id && { cluster_id: values.cluster_id }),
    ...(values.namespace !== before.namespace && { namespace: values.namespace }),
    ...(values.tags.join('\n') !== before.tags.join('\n') && { tags: values.tags }),
  }
}

/** The same as it is sent: no cluster is null. */
export function changesOf(before: SettingsValues, values: SettingsValues): HeadChanges {
  const { cluster_id: clusterId, ...others } = changedOf(before, values)
  return { ...others, ...(clusterId !== undefined && { cluster_id: clusterId || null }) }
}

export function isChanged(changes: HeadChanges): boolean {
  return Object.keys(changes).length > 0
}

/** Tags with those that a text names, by commas: each once, however it is written. */
export function withTags(tags: readonly string[], text: string): string[] {
  const found = [...tags]
  for (const part of text.split(',')) {
    const tag = part.trim().slice(0, LONGEST_TAG)
    if (tag !== '' && !found.some((known) => known.toLowerCase() === tag.toLowerCase())) found.push(tag)
  }
  return found
}
