import { type Place, place } from '../layout/place.ts'
import { HERE } from './server.ts'

/** A session, of all that this page can reach: ids are unique on one server only. */
export interface SessionRef {
  readonly server: string
  readonly id: string
}

export function sessionKey({ server, id }: SessionRef): string {
  return `${server}/${id}`
}

/** Where a session is shown; `kind` is `terminal` unless another view of it is meant. */
export function sessionPlace(
  { server, id }: SessionRef,
  params: Readonly<Record<string, string>> = {},
  kind = 'terminal',
): Place {
  return place(kind, id, { ...params, server: server === HERE ? undefined : server })
}

export function sessionOf({ id, params }: Place): SessionRef {
  return { server: params['server'] ?? HERE, id }
}
