import { mutationOptions, queryOptions } from '@tanstack/react-query'
import { api, type Schema } from '@/lib/api/client'
import { accept } from '@/lib/auth/session'
import { z } from '@/lib/config/zod'

/** What the sign-in page is built from; read before anybody is signed in, so it is checked. */
const Methods = z.object({
  password: z.boolean(),
  signup: z.string(),
  first_account: z.boolean(),
  providers: z.array(z.string()),
})
export type Methods = z.infer<typeof Methods>

export const methodsQuery = queryOptions({
  queryKey: ['auth', 'methods'],
  queryFn: async ({ signal }) => Methods.parse((await api.GET('/v1/api/auth/methods', { signal })).data),
  staleTime: 10_000,
})

export const loginMutation = mutationOptions({
  mutationFn: async (body: Schema<'LoginBody'>) => {
    const { data, response } = await api.POST('/v1/api/auth/login', { body })
    if (data) accept(data, response)
  },
})

export const registerMutation = mutationOptions({
  mutationFn: async (body: Schema<'RegisterBody'>) => {
    const { data, response } = await api.POST('/v1/api/auth/register', { body })
    if (data) accept(data, response)
  },
  onSettled: (_data, error, _body, _started, { client }) => {
    // somebody may have been first meanwhile
    if (error !== null) void client.invalidateQueries(methodsQuery)
  },
})
