import { createWriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { CliError, type ExitCode } from '../cli-error.ts'
import type { Context } from '../context.ts'
import type { ServerLink } from '../server/server-link.ts'
import { findSession, sessionPath } from '../server/session-json.ts'
import { cannot, withoutRoute } from './restore.ts'

export interface RecordOptions {
  readonly format: string
  /** Where to (default: standard output). */
  readonly output?: string
}

/** Everything that a session has kept, as a recording that asciinema plays. */
export async function record(
  context: Context,
  link: ServerLink,
  idOrName: string,
  { format, output }: RecordOptions,
): Promise<ExitCode> {
  const { id } = await findSession(link, idOrName)
  const path = sessionPath(id, `/recording?format=${encodeURIComponent(format)}`)
  const response = await link.open(path).catch((error: unknown) => {
    throw withoutRoute(error) ? cannot('export recordings', error) : error
  })
  if (output === undefined) {
    try {
      for await (const bytes of response) await context.out.write(bytes)
    } catch (cause) {
      throw brokeOff(cause)
    }
    return 0
  }
  // Under another name until it is whole; for this user alone, because anything may stand in it.
  const target = resolve(context.cwd, output)
  const unfinished = `${target}.part`
  try {
    await pipeline(response, createWriteStream(unfinished, { mode: 0o600 }))
    await rename(unfinished, target)
  } catch (cause) {
    await rm(unfinished, { force: true })
    throw cause instanceof Error && 'path' in cause
      ? new CliError('BAD_FILE', `cannot write ${target}: ${cause.message}`, { cause })
      : brokeOff(cause)
  }
  await context.out.write(`session ${id} recorded to ${target}\n`)
  return 0
}

function brokeOff(cause: unknown): CliError {
  return new CliError('UNREACHABLE', 'the recording broke off: the server has gone', { cause })
}
