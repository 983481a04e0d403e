import createClient from 'openapi-fetch'
import type { components, paths } from './schema'
import { newId, send } from './send'

/** The typed client. It throws ApiError; `call(api.GET(…))` gives the data. */
export const api = createClient<paths>({ baseUrl: window.location.origin, fetch: send })

/** Types that the API describes, by their name there. */
export type Schema<Name extends keyof components['schemas']> = components['schemas'][Name]

/** The data of an answer; refusals were thrown as ApiError before. */
export async function call<Data>(pending: Promise<{ data?: Data; response: Response }>): Promise<Data> {
  // an answer without a body (204) has no data, and its type says so
  return (await pending).data as Data
}

/** Header for what people edit: the revision they have seen. */
export function ifMatch(revision: number): { 'If-Match': string } {
  return { 'If-Match': `"${revision}"` }
}

/** Header for a POST that starts work: repeated with the same key it starts nothing twice. */
export function idempotencyKey(key: string = newId()): { 'Idempotency-Key': string } {
  return { 'Idempotency-Key': key }
}
