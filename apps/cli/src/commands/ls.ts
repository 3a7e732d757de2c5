import type { ExitCode } from '../cli-error.ts'
import type { Context } from '../context.ts'
import { printJson } from '../render/json.ts'
import { renderSessions } from '../render/sessions-table.ts'
import type { ServerLink } from '../server/server-link.ts'
import type { SessionJson } from '../server/session-json.ts'

/** The sessions, oldest first. */
export async function ls(
  { out, style, clock }: Context,
  link: ServerLink,
  options: { readonly json?: boolean },
): Promise<ExitCode> {
  const sessions = await link.json<SessionJson[]>('/api/sessions')
  if (options.json) await printJson(out, sessions)
  else await out.write(renderSessions(sessions, clock.date(), style))
  return 0
}
