import { CliError } from '../cli-error.ts'
import type { ServerLink } from './server-link.ts'

/** What the server tells of a session, as far as the command line looks at it. */
export interface SessionJson {
  readonly id: string
  readonly name: string
  /** ISO 8601, UTC. */
  readonly createdAt: string
  readonly status: string
  readonly kind: string
  readonly command: string
  readonly args: readonly string[]
  readonly cwd: string
  readonly pid?: number
  readonly viewers: number
}

/**
 * The session with that id, else the one with that name.
 *
 * @throws CliError `REFUSED` with status 404 when there is none; `USAGE` when several have the name.
 */
export async function findSession(link: ServerLink, idOrName: string): Promise<SessionJson> {
  const all = await link.json<SessionJson[]>('/api/sessions')
  const byId = all.find(({ id }) => id === idOrName)
  if (byId) return byId
  const named = all.filter(({ name }) => name === idOrName)
  if (named.length > 1)
    throw new CliError(
      'USAGE',
      `${named.length} sessions are named ${idOrName}; write the id of one: ${named.map(({ id }) => id).join(', ')}`,
    )
  if (named[0]) return named[0]
  throw new CliError('REFUSED', `there is no session ${idOrName}; conductor ls lists them`, {
    status: 404,
  })
}

/** The path of a session on the server. */
export function sessionPath(id: string, rest = ''): string {
  return `/api/sessions/${encodeURIComponent(id)}${rest}`
}
