import type { NewRemoteJson, RemoteJson } from '@conductor/api-types'
import { z } from '@hono/zod-openapi'

const name = z
  .string()
  .trim()
  .min(1, 'write a name')
  .max(64, 'write 64 characters or less')
  .regex(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]*$/u, 'may not hold control characters')

const password = z.string().min(1, 'write a password').max(1_000)

export const newRemoteBody: z.ZodType<NewRemoteJson> = z
  .strictObject({
    name: name.optional(),
    url: z.string().min(1, 'write an address').max(2_000),
    password: password.optional(),
  })
  .openapi('NewServer')

export const renameRemoteBody: z.ZodType<{ name: string }> = z
  .strictObject({ name })
  .openapi('RenameServer')

export const remoteLoginBody: z.ZodType<{ password: string }> = z
  .strictObject({ password })
  .openapi('ServerLogin')

export const remoteSchema: z.ZodType<RemoteJson> = z
  .object({
    id: z.string(),
    name: z.string(),
    url: z.string(),
    status: z.enum(['checking', 'ok', 'unreachable', 'login-needed', 'wrong-version']),
    error: z.string().optional(),
  })
  .openapi('Server')
