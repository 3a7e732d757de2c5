import { ServerError } from '../server-error.ts'
import type { AppContext } from './app-env.ts'

/** An offset from the query; `undefined` when it is not there. @throws ServerError `BAD_FIELD`. */
export function offsetParam(c: AppContext, field: string): number | undefined {
  const asked = c.req.query(field)
  if (asked === undefined) return undefined
  if (!/^\d{1,16}$/.test(asked) || !Number.isSafeInteger(Number(asked)))
    throw new ServerError('BAD_FIELD', `${field}: write an offset, a whole number of bytes`, {
      field,
    })
  return Number(asked)
}
