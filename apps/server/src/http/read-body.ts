import type { z } from 'zod'
import type { AppContext } from './app-env.ts'

/** No request of ours is longer, in bytes. */
export const MAX_BODY_BYTES: number = 1024 * 1024

export type Body<T> =
  | { readonly kind: 'ok'; readonly value: T }
  | { readonly kind: 'bad'; readonly answer: Response }

/**
 * Reads a JSON body, whatever its content type says (`curl -d` says "form"). No body is `undefined`.
 * What does not fit is answered with 400, naming the field.
 */
export async function readBody<S extends z.ZodType>(
  c: AppContext,
  schema: S,
): Promise<Body<z.infer<S>>> {
  const text = await c.req.text()
  let value: unknown
  try {
    value = text.trim() === '' ? undefined : JSON.parse(text)
  } catch {
    return { kind: 'bad', answer: c.json({ error: 'the body is not JSON', code: 'BAD_JSON' }, 400) }
  }
  const parsed = schema.safeParse(value)
  if (parsed.success) return { kind: 'ok', value: parsed.data }
  const details = parsed.error.issues.map((issue) => {
    const unknown = issue.code === 'unrecognized_keys' ? issue.keys[0] : undefined
    const field = [...issue.path, ...(unknown === undefined ? [] : [unknown])].join('.')
    return { field, problem: issue.message }
  })
  const [first] = details
  const error = first ? [first.field, first.problem].filter(Boolean).join(': ') : 'bad request'
  return { kind: 'bad', answer: c.json({ error, code: 'BAD_FIELD', details }, 400) }
}
