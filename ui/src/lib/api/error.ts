import { z } from '@/lib/config/zod'

export type FieldError = { path: string; message: string }

const Body = z.looseObject({
  error: z.string(),
  code: z.string(),
  fields: z.array(z.object({ path: z.string(), message: z.string() })).default([]),
  request_id: z.string().default(''),
})

type Parts = {
  status: number
  code: string
  message: string
  fields?: FieldError[]
  requestId?: string
  retryAfter?: number | null
  details?: Record<string, unknown>
}

/**
 * The one kind of error that the API client throws.
 *
 * `status` is 0 when no answer came, `retryAfter` counts seconds, `details` holds what the body says beyond the
 * common fields, such as the `revision` of a conflict.
 */
export class ApiError extends Error {
  readonly status: number
  readonly code: string
  readonly fields: FieldError[]
  readonly requestId: string
  readonly retryAfter: number | null
  readonly details: Record<string, unknown>

  constructor(parts: Parts) {
    super(parts.message)
    this.name = 'ApiError'
    this.status = parts.status
    this.code = parts.code
    this.fields = parts.fields ?? []
    this.requestId = parts.requestId ?? ''
    this.retryAfter = parts.retryAfter ?? null
    this.details = parts.details ?? {}
  }

  /** Whether the same request may succeed later: no answer, or the server was unable. */
  get temporary(): boolean {
    return this.status === 0 || this.status >= 500
  }
}

/** Read a refusal. A body that is not ours (a proxy's page) becomes a sentence with its status. */
export async function errorOf(response: Response): Promise<ApiError> {
  const parsed = Body.safeParse(await response.json().catch(() => null))
  const common = {
    status: response.status,
    retryAfter: retryAfterOf(response.headers.get('Retry-After')),
  }
  const header = response.headers.get('X-Request-Id') ?? ''
  if (!parsed.success) {
    const message = `The server answered ${response.status}${response.statusText ? ` ${response.statusText}` : ''} without saying why.`
    return new ApiError({ ...common, code: 'unreadable-answer', message, requestId: header })
  }
  const { error, code, fields, request_id, ...details } = parsed.data
  return new ApiError({ ...common, code, message: error, fields, requestId: request_id || header, details })
}

/** Seconds to wait, from a number or a date. */
export function retryAfterOf(header: string | null, now = Date.now()): number | null {
  if (!header) return null
  const seconds = /^\d+$/.test(header.trim()) ? Number(header) : (Date.parse(header) - now) / 1000
  return Number.isFinite(seconds) ? Math.max(0, Math.ceil(seconds)) : null
}

/** Turn what `fetch` threw into an ApiError; an abort stays what it is. */
export function networkError(cause: unknown, requestId: string): unknown {
  if (cause instanceof ApiError) return cause
  if (typeof cause === 'object' && cause !== null && 'name' in cause && cause.name === 'AbortError')
    return cause
  return new ApiError({
    status: 0,
    code: 'network',
    message: 'KubeOrch does not answer. Check the connection and try again.',
    requestId,
  })
}

/** An ApiError for whatever was thrown, so that screens show one shape. */
export function toApiError(cause: unknown): ApiError {
  if (cause instanceof ApiError) return cause
  const message = cause instanceof Error ? cause.message : String(cause)
  return new ApiError({ status: -1, code: 'interface-error', message })
}
