import type { IncomingMessage } from 'node:http'
import { attachSession } from '@conductor/session-client'
import { CliError, type ExitCode } from '../cli-error.ts'
import type { Context } from '../context.ts'
import type { ServerLink } from '../server/server-link.ts'
import { findSession, sessionPath } from '../server/session-json.ts'
import { sessionSocket } from '../server/session-socket.ts'

export interface SessionLogsOptions {
  readonly follow?: boolean
  readonly lines?: number
}

/** How far before the end lines are looked for, at first, in bytes. */
const FIRST_TAIL_BYTES = 64 * 1024

const LINE_FEED = 0x0a

/** The bytes that the program in a session wrote, as far as they are kept. */
export async function sessionLogs(
  context: Context,
  stateDir: string,
  link: ServerLink,
  idOrName: string,
  { follow = false, lines }: SessionLogsOptions,
): Promise<ExitCode> {
  const { id } = await findSession(link, idOrName)
  const open = (from: number) => link.open(sessionPath(id, `/output?from=${from}`))
  const begin = lines === undefined ? 0 : await findTail(open, lines)
  if (follow) return followSession(context, stateDir, id, begin)
  try {
    for await (const bytes of await open(begin)) await context.out.write(bytes)
  } catch (cause) {
    throw cause instanceof CliError
      ? cause
      : new CliError(
          'UNREACHABLE',
          'the log broke off: dropped by its cap, or the server has gone',
          {
            cause,
          },
        )
  }
  return 0
}

/** The offset at which the last `lines` lines begin. */
async function findTail(
  open: (from: number) => Promise<IncomingMessage>,
  lines: number,
): Promise<number> {
  // Beyond the end, where there is nothing to read but where the end is.
  const end = Number((await read(await open(Number.MAX_SAFE_INTEGER))).end)
  for (let sizeBytes = FIRST_TAIL_BYTES; ; sizeBytes *= 4) {
    const { from, bytes } = await read(await open(Math.max(end - sizeBytes, 0)))
    // The end of the last line, if it has one, begins no other.
    let at = bytes.length - (bytes.at(-1) === LINE_FEED ? 1 : 0)
    let left = lines
    while (left > 0 && at > 0) {
      at = bytes.lastIndexOf(LINE_FEED, at - 1)
      left--
      if (at < 0) break
    }
    if (lines === 0) return from + bytes.length
    if (at >= 0 && left === 0) return from + at + 1
    if (sizeBytes >= end || from > end - sizeBytes) return from
  }
}

async function read(
  response: IncomingMessage,
): Promise<{ readonly from: number; readonly end: number; readonly bytes: Buffer }> {
  const pieces: Buffer[] = []
  for await (const piece of response) pieces.push(piece as Buffer) // no encoding was set
  const { headers } = response
  return {
    from: Number(headers['x-conductor-offset']),
    end: Number(headers['x-conductor-end']),
    bytes: Buffer.concat(pieces),
  }
}

/** As a viewer that only looks: it resumes by offset over any server, and ends with the program. */
async function followSession(
  { clock, err, interrupted, out }: Context,
  stateDir: string,
  id: string,
  begin: number,
): Promise<ExitCode> {
  let written: Promise<void> = Promise.resolve()
  let isToldGone = false
  const session = attachSession({
    ...sessionSocket(stateDir, id),
    mode: 'viewer',
    clock,
    onOutput({ bytes, offset, done }) {
      const fresh = bytes.subarray(Math.min(Math.max(begin - offset, 0), bytes.length))
      written = written.then(() => out.write(fresh)).then(done)
    },
  })
  const say = (text: string) => {
    written = written.then(() => err.write(`conductor: ${text}\n`))
  }
  const problem = await new Promise<string | undefined>((resolve) => {
    interrupted.addEventListener('abort', () => resolve(undefined))
    if (interrupted.aborted) resolve(undefined)
    session.subscribe((event) => {
      if (event.type === 'gap' && event.to > begin)
        say(`${event.to - Math.max(event.from, begin)} bytes were dropped by the history's cap`)
      if (event.type === 'reset') say('another program runs in this session now')
      if (event.type !== 'status') return
      const { status } = event
      if (status.name === 'live') isToldGone = false
      // The first try may find a server that merely let go.
      if (status.name === 'reconnecting' && status.attempt > 1 && !isToldGone) {
        isToldGone = true
        say('the server has gone; waiting for the next one')
      }
      if (status.name === 'ended') resolve(undefined)
      if (status.name === 'refused') resolve(status.reason || `refused (${status.code})`)
    })
  })
  await session.close()
  await written
  if (problem === undefined) return 0
  throw new CliError('FAILED', `session ${id}: ${problem}`)
}
