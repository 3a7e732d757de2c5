import { resolve } from 'node:path'
import type { ExitCode } from '../cli-error.ts'
import type { Context } from '../context.ts'
import { printJson } from '../render/json.ts'
import type { ServerLink } from '../server/server-link.ts'
import type { SessionJson } from '../server/session-json.ts'
import { attachTo, needTerminal } from './attach.ts'

export interface NewSessionOptions {
  readonly json?: boolean
  readonly name?: string
  /** From here, if it is not absolute (default: here). */
  readonly cwd?: string
  readonly attach?: boolean
  /** An agent by its name, as in `claude-code`, and what it is told first. */
  readonly agent?: string
  readonly prompt?: string
  readonly runtime?: string
}

/** Starts a session, by default the shell in this folder, and prints its id or attaches to it. */
export async function newSession(
  context: Context,
  stateDir: string,
  link: ServerLink,
  [command, ...args]: readonly string[],
  options: NewSessionOptions,
): Promise<ExitCode> {
  // Before there is a session that nobody sees.
  const terminal = options.attach ? needTerminal(context) : undefined
  const { cols, rows } = terminal?.size ?? {}
  const session = await link.json<SessionJson>('/api/sessions', {
    method: 'POST',
    body: {
      cwd: resolve(context.cwd, options.cwd ?? '.'),
      ...(options.name !== undefined && { name: options.name }),
      ...(options.agent !== undefined && { agent: options.agent }),
      ...(options.prompt !== undefined && { prompt: options.prompt }),
      ...(options.runtime !== undefined && { runtime: options.runtime }),
      ...(command !== undefined && { command, args }),
      ...(cols && rows && { cols, rows }),
    },
  })
  if (options.attach) return attachTo(context, stateDir, session)
  if (options.json) await printJson(context.out, session)
  else await context.out.write(`${session.id}\n`)
  return 0
}
