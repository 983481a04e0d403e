import { HttpHandler, HttpResponse } from 'msw'
import { setupServer } from 'msw/node'

/** The API of a test. A request that the test has not described fails it. */
export const server = setupServer()

type Answer = (request: Request) => Response | Promise<Response>
const isAnswer = (value: object): value is Answer => typeof value === 'function'
type Method = 'get' | 'post' | 'put' | 'delete'

/** Answer a path of the API; a function sees the request and may wait. */
export function on(method: Method, path: string, answer: object | Answer): HttpHandler {
  const resolve = isAnswer(answer) ? answer : () => Response.json(answer)
  return new HttpHandler(method.toUpperCase(), `*/v1/api${path}`, ({ request }) => resolve(request))
}

/** A refusal in the shape of the API. */
export function refusal(
  status: number,
  code: string,
  error: string,
  more: {
    fields?: { path: string; message: string }[]
    headers?: Record<string, string>
    body?: object
  } = {},
): Response {
  return HttpResponse.json(
    { error, code, fields: more.fields ?? [], request_id: 'req-1', ...more.body },
    { status, headers: more.headers },
  )
}
