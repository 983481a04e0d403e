import { keepPreviousData, mutationOptions, queryOptions } from '@tanstack/react-query'
import { api, call } from '@/lib/api/client'
import { workflowKeys } from './workflows'

const ADDRESS = '/v1/api/workflows/{workflow_id}/secrets/{node_id}'
const at = (id: string, nodeId: string) => ({ params: { path: { workflow_id: id, node_id: nodeId } } })

/** Which keys of a secret node have values; another revision may have other keys. */
export function secretKeysQuery(id: string, nodeId: string, revision: number) {
  return queryOptions({
    queryKey: [...workflowKeys.one(id), 'secrets', nodeId, revision],
    queryFn: ({ signal }) => call(api.GET(ADDRESS, { ...at(id, nodeId), signal })),
    placeholderData: keepPreviousData,
  })
}

/** Writes values of a secret node; null removes one. The answer says which keys are set, never a value. */
export function writeSecretsMutation(id: string, nodeId: string, revision: number) {
  return mutationOptions({
    mutationFn: async (values: Record<string, string | null>, { client }) => {
      const keys = await call(api.PUT(ADDRESS, { ...at(id, nodeId), body: { values } }))
      client.setQueryData(secretKeysQuery(id, nodeId, revision).queryKey, keys)
      return keys
    },
  })
}
