import { mutationOptions } from '@tanstack/react-query'
import { api, call, type Schema } from '@/lib/api/client'
import { workflowKeys } from './workflows'

export const EXPORT_FORMATS = ['yaml', 'kustomize', 'helm'] as const
export type ExportFormat = (typeof EXPORT_FORMATS)[number]

/** A file that the server has made. */
export type ExportedFile = { name: string; content: Blob }

const ADDRESS = '/v1/api/workflows/{workflow_id}/export'
const NAMED = /filename="([^"]+)"/

/** What is saved of a workflow as a file; placeholders stand for secret values. */
export function exportMutation(id: string) {
  return mutationOptions({
    mutationFn: async (format: ExportFormat): Promise<ExportedFile> => {
      const params = { path: { workflow_id: id }, query: { format } }
      const { data, response } = await api.GET(ADDRESS, { params, parseAs: 'blob' })
      const name = NAMED.exec(response.headers.get('Content-Disposition') ?? '')?.[1]
      return { name: name ?? `workflow.${format === 'yaml' ? 'yaml' : 'zip'}`, content: data ?? new Blob() }
    },
  })
}

/** Makes a workflow of a YAML file that was exported before. */
export const createFromExportMutation = mutationOptions({
  mutationFn: (body: Schema<'ExportedBody'>) => call(api.POST('/v1/api/workflows/from-export', { body })),
  onSettled: (_data, error, _body, _started, { client }) =>
    error === null ? client.invalidateQueries({ queryKey: workflowKeys.lists }) : undefined,
})
