import { HttpResponse } from 'msw'
import { describe, expect, test } from 'vitest'
import { on, refusal, server } from '@/testing/server'
import { api, call, idempotencyKey, ifMatch } from './client'
import { ApiError, retryAfterOf, toApiError } from './error'
import { setTokenSource } from './session'

const caught = async (pending: Promise<unknown>): Promise<ApiError> => {
  const cause: unknown = await pending.then(
    () => new Error('nothing was thrown'),
    (error: unknown) => error,
  )
  expect(cause).toBeInstanceOf(ApiError)
  return toApiError(cause)
}

const profile = () => call(api.GET('/v1/api/profile'))

describe('what is sent', () => {
  test('carries token and request id', async () => {
    let seen: Headers | undefined
    server.use(
      on('get', '/profile', (request) => {
        seen = request.headers
        return HttpResponse.json({ id: 'user-1' })
      }),
    )
    setTokenSource({ token: () => 'token-1', renew: () => Promise.reject(new Error('not needed')) })
    expect(await profile()).toEqual({ id: 'user-1' })
    expect(seen?.get('Authorization')).toBe('Bearer token-1')
    expect(seen?.get('X-Request-Id')).toMatch(/^[0-9a-f]{32}$/)
  })

  test('carries revision and idempotency key where they are given', async () => {
    let seen: Headers | undefined
    server.use(
      on('put', '/workflows/w1', (request) => {
        seen = request.headers
        return HttpResponse.json({})
      }),
    )
    await api.PUT('/v1/api/workflows/{workflow_id}', {
      params: { path: { workflow_id: 'w1' } },
      headers: { ...ifMatch(7), ...idempotencyKey('key-1') },
      body: { name: 'Shop' },
    })
    expect(seen?.get('If-Match')).toBe('"7"')
    expect(seen?.get('Idempotency-Key')).toBe('key-1')
  })
})

describe('refusals', () => {
  test('become one kind of error with everything that was said', async () => {
    server.use(
      on('get', '/profile', () =>
        refusal(409, 'stale', 'Somebody has saved.', {
          fields: [{ path: 'name', message: 'is taken' }],
          body: { revision: 8 },
          headers: { 'Retry-After': '7' },
        }),
      ),
    )
    const error = await caught(profile())
    expect(error).toMatchObject({
      status: 409,
      code: 'stale',
      message: 'Somebody has saved.',
      fields: [{ path: 'name', message: 'is taken' }],
      requestId: 'req-1',
      retryAfter: 7,
      details: { revision: 8 },
      temporary: false,
    })
  })

  test('that are not ours say their status', async () => {
    server.use(on('get', '/profile', () => new HttpResponse('<h1>Bad gateway</h1>', { status: 502 })))
    const error = await caught(profile())
    expect(error).toMatchObject({ status: 502, code: 'unreadable-answer', temporary: true })
    expect(error.message).toContain('502')
  })

  test('without an answer are errors of the network', async () => {
    server.use(on('get', '/profile', () => HttpResponse.error()))
    expect(await caught(profile())).toMatchObject({ status: 0, code: 'network', temporary: true })
  })

  test('an abort stays an abort', async () => {
    server.use(on('get', '/profile', () => new Promise<Response>(() => undefined)))
    const abort = new AbortController()
    const pending = api.GET('/v1/api/profile', { signal: abort.signal })
    abort.abort()
    await expect(pending).rejects.toHaveProperty('name', 'AbortError')
  })

  test.each([
    ['7', 7],
    ['Thu, 01 Jan 1970 00:01:30 GMT', 30],
    ['Thu, 01 Jan 1970 00:00:10 GMT', 0],
    ['soon', null],
    [null, null],
  ])('Retry-After %s is %s seconds', (header, seconds) => {
    expect(retryAfterOf(header, 60_000)).toBe(seconds)
  })
})

describe('401', () => {
  const refuseOld = on('post', '/workflows', async (request) =>
    request.headers.get('Authorization') === 'Bearer new'
      ? HttpResponse.json({ name: ((await request.json()) as { name: string }).name }, { status: 201 })
      : refusal(401, 'token-expired', 'The token has expired.'),
  )

  test('renews the token and repeats once, body included', async () => {
    server.use(refuseOld)
    const renewed: string[] = []
    setTokenSource({
      token: () => 'old',
      renew: (refused) => {
        renewed.push(refused)
        return Promise.resolve('new')
      },
    })
    expect(await call(api.POST('/v1/api/workflows', { body: { name: 'Shop' } }))).toEqual({ name: 'Shop' })
    expect(renewed).toEqual(['old'])
  })

  test('after renewal is passed on, without a loop', async () => {
    server.use(refuseOld)
    let renewals = 0
    setTokenSource({
      token: () => 'old',
      renew: () => {
        renewals += 1
        return Promise.resolve('still wrong')
      },
    })
    const error = await caught(call(api.POST('/v1/api/workflows', { body: { name: 'Shop' } })))
    expect(error).toMatchObject({ status: 401, code: 'token-expired' })
    expect(renewals).toBe(1)
  })

  test('of sign-in is a wrong password and renews nothing', async () => {
    server.use(on('post', '/auth/login', () => refusal(401, 'invalid-credentials', 'Wrong.')))
    setTokenSource({ token: () => 'old', renew: () => Promise.reject(new Error('not asked for')) })
    const error = await caught(
      call(api.POST('/v1/api/auth/login', { body: { email: 'a@b', password: 'x' } })),
    )
    expect(error.code).toBe('invalid-credentials')
  })
})
