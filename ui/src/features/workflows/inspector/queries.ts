import { queryOptions } from '@tanstack/react-query'
import { api, call, type Schema } from '@/lib/api/client'
import { splitYaml } from '../graph/split-yaml'
import { manifestsQuery, secretKeysQuery } from '../canvas/queries'

/** A node's manifests as the compiler writes them: node id → YAML documents, in the order of applying. */
export function yamlQuery(id: string, revision: number) {
  return queryOptions({
    queryKey: [...manifestsQuery(id, revision).queryKey, 'yaml'],
    queryFn: async ({ signal, client }) => {
      const path = { workflow_id: id }
      const [preview, text] = await Promise.all([
        client.query(manifestsQuery(id, revision)),
        api.GET('/v1/api/workflows/{workflow_id}/manifests', {
          params: { path, query: { format: 'yaml' } },
          parseAs: 'text',
          signal,
        }),
      ])
      return yamlByNode(preview, typeof text.data === 'string' ? text.data : '')
    },
  })
}

/** Both forms of a preview list the same objects in the same order. */
export function yamlByNode(preview: Pick<Schema<'Preview'>, 'items'>, text: string): Map<string, string[]> {
  const documents = splitYaml(text)
  const found = new Map<string, string[]>()
  preview.items.forEach(({ node_id }, index) => {
    const document = documents[index]
    if (document !== undefined) found.set(node_id, [...(found.get(node_id) ?? []), document])
  })
  return found
}

/** Write values of a secret node; null removes one. The answer says which keys are set, never a value. */
export function writeSecrets(id: string, nodeId: string, values: Record<string, string | null>) {
  return call(
    api.PUT('/v1/api/workflows/{workflow_id}/secrets/{node_id}', {
      params: { path: { workflow_id: id, node_id: nodeId } },
      body: { values },
    }),
  )
}

export { secretKeysQuery }
