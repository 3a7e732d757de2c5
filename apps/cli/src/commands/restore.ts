import { CliError, type ExitCode, isCliError } from '../cli-error.ts'
import type { Context } from '../context.ts'
import { printJson } from '../render/json.ts'
import type { ServerLink } from '../server/server-link.ts'
import { findSession, sessionPath } from '../server/session-json.ts'

/** Starts a session that has ended again, under the same id: as its agent resumes, or from its prompt. */
export async function restore(
  { out }: Context,
  link: ServerLink,
  idOrName: string,
  options: { readonly json?: boolean },
): Promise<ExitCode> {
  const id = await findId(link, idOrName)
  try {
    const restored = await link.json<object>(sessionPath(id, '/restore'), { method: 'POST' })
    if (options.json) await printJson(out, restored)
    else await out.write(`session ${id} restored\n`)
    return 0
  } catch (error) {
    throw withoutRoute(error) ? cannot('restore sessions', error) : error
  }
}

/** One that has ended may not be on the list any more: then the server says whether it knows the id. */
async function findId(link: ServerLink, idOrName: string): Promise<string> {
  try {
    return (await findSession(link, idOrName)).id
  } catch (error) {
    if (isCliError(error, 'REFUSED') && error.status === 404) return idOrName
    throw error
  }
}

/** Whether the server has never heard of the path; of a session it says that it has not found it. */
export function withoutRoute(error: unknown): boolean {
  return isCliError(error, 'REFUSED') && error.status === 404 && error.text === 'not found'
}

export function cannot(what: string, cause: unknown): CliError {
  return new CliError('REFUSED', `this server cannot ${what}; a newer one may`, {
    cause,
    status: 404,
  })
}
