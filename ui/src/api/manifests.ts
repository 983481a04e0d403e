import { queryOptions } from '@tanstack/react-query'
import { api, call } from '@/lib/api/client'
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
