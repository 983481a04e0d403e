import type { ApiError } from '@/lib/api/error'

/** Far above what a graph may have; what is less and still too much is refused by the server. */
const LARGEST_BYTES = 16 * 1024 * 1024
const HEADED = /^# The workflow (.+)\. Secret values are placeholders\.$/m

/** A file that was chosen, read. */
export type ExportedText = { file: string; text: string; name: string | null }

/** Why a file cannot be what was exported, before the server is asked; null when it may be. */
export function refusedFile({ name, size }: Pick<File, 'name' | 'size'>): string | null {
  if (size > LARGEST_BYTES) return 'It is larger than an exported workflow can be.'
  if (/\.(zip|tgz|tar\.gz)$/i.test(name))
    return 'Only the YAML export holds the drawing. A Kustomize folder or a Helm chart cannot be read back.'
  return size === 0 ? 'It is empty.' : null
}

/** What a file says, with the name of the workflow it was exported from. */
export async function readFile(file: File): Promise<ExportedText> {
  const text = await file.text()
  return { file: file.name, text, name: HEADED.exec(text.slice(0, 1_000))?.[1]?.slice(0, 80) ?? null }
}

const ABOUT_THE_FILE = new Set(['no-graph', 'export-changed', 'invalid-graph'])

/** What a refusal says about the file; null when it is about something else. */
export function fileProblemOf(error: ApiError | null): string | null {
  if (error === null) return null
  const said = error.fields.find(({ path }) => path === 'text')
  if (said !== undefined) return `The text of the file ${said.message}.`
  return ABOUT_THE_FILE.has(error.code) || error.status === 413 ? error.message : null
}
