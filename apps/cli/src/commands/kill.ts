import type { ExitCode } from '../cli-error.ts'
import type { Context } from '../context.ts'
import { printJson } from '../render/json.ts'
import type { ServerLink } from '../server/server-link.ts'
import { findSession, sessionPath } from '../server/session-json.ts'

/** Ends every process of these sessions, and removes their histories. */
export async function kill(
  { out }: Context,
  link: ServerLink,
  idsOrNames: readonly string[],
  options: { readonly json?: boolean },
): Promise<ExitCode> {
  // All are looked up before one is ended: who mistypes the second loses nothing.
  const sessions = await Promise.all(idsOrNames.map((each) => findSession(link, each)))
  for (const { id } of sessions) {
    await link.json(sessionPath(id), { method: 'DELETE' })
    if (!options.json) await out.write(`session ${id} killed\n`)
  }
  if (options.json) await printJson(out, { killed: sessions.map(({ id }) => id) })
  return 0
}
