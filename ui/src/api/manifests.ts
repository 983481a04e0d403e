import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { api, call, type Schema } from '@/lib/api/client'
import { z } from '@/lib/config/zod'
import { splitYaml } from '@/lib/format/split-yaml'
import { workflowKeys } from './workflows'

// the description of the API leaves this answer open, because it has two forms
const Preview = z.object({ items: z.array(z.object({ node_id: z.string() })) })

/** What the stored graph compiles to: node id → YAML documents, in the order of applying; secret values are masked. */
export function yamlQuery(id: string, revision: number) {
  return queryOptions({
    queryKey: [...workflowKeys.one(id), 'yaml', revision],
    queryFn: async ({ signal }) => {
      const path = { workflow_id: id }
      const address = '/v1/api/workflows/{workflow_id}/manifests'
      const [preview, text] = await Promise.all([
        call(api.GET(address, { params: { path }, signal })),
        call(api.GET(address, { params: { path, query: { format: 'yaml' } }, parseAs: 'text', signal })),
      ])
      return yamlByNode(Preview.parse(preview), text)
    },
  })
}

const Effect = z.object({
  node_id: z.string(),
  object: z.object({ kind: z.string(), name: z.string() }),
  path: z.string(),
  before: z.unknown(),
  after: z.unknown(),
})
const Effects = z.object({ effects: z.array(Effect) })
export type WireEffect = z.infer<typeof Effect>

/** The fields that one wire of a graph writes, saved or not. */
export function wireEffectsQuery(id: string, edgeId: string, graph: Schema<'GraphBody'>) {
  return queryOptions({
    queryKey: [...workflowKeys.one(id), 'effects', edgeId, graph],
    queryFn: async ({ signal }) => {
      const params = { path: { workflow_id: id } }
      const body = { ...graph, wires: [edgeId] }
      const answer = await call(
        api.POST('/v1/api/workflows/{workflow_id}/manifests', { params, body, signal }),
      )
      return Effects.parse(answer).effects
    },
    staleTime: Infinity,
    gcTime: 30_000,
    placeholderData: keepPreviousData,
  })
}

/** Both forms of a preview list the same objects in the same order. */
export function yamlByNode(preview: z.infer<typeof Preview>, text: string): Map<string, string[]> {
  const documents = splitYaml(text)
  const found = new Map<string, string[]>()
  preview.items.forEach(({ node_id }, index) => {
    const document = documents[index]
    if (document !== undefined) found.set(node_id, [...(found.get(node_id) ?? []), document])
  })
  return found
}
