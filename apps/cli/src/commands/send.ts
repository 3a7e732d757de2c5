import { attachSession, type SessionStatus } from '@conductor/session-client'
import { CliError, type ExitCode } from '../cli-error.ts'
import type { Context } from '../context.ts'
import { printJson } from '../render/json.ts'
import type { ServerLink } from '../server/server-link.ts'
import { findSession } from '../server/session-json.ts'
import { sessionSocket } from '../server/session-socket.ts'

export interface SendOptions {
  readonly json?: boolean
  /** Types the return key after the text. */
  readonly enter?: boolean
  /** How long it may take, in milliseconds. */
  readonly timeout: number
}

/** Types into a session, exactly once, also when the server is replaced meanwhile. Done when the pty has it. */
export async function send(
  context: Context,
  stateDir: string,
  link: ServerLink,
  idOrName: string,
  words: readonly string[],
  { json = false, enter = false, timeout }: SendOptions,
): Promise<ExitCode> {
  const { clock, interrupted, out } = context
  const bytes = Buffer.from(words.join(' ') + (enter ? '\r' : ''))
  const { id } = await findSession(link, idOrName)
  const problem = await new Promise<string | undefined>((resolve) => {
    const session = attachSession({
      ...sessionSocket(stateDir, id),
      clock,
      staleInputMs: timeout,
      // All of it is old to us; what is taken is what keeps the server going on.
      onOutput: ({ done }) => done(),
    })
    const timer = clock.setTimeout(() => end('no answer in time'), timeout)
    const onInterrupt = () => end('interrupted')
    interrupted.addEventListener('abort', onInterrupt)
    const unsubscribe = session.subscribe((event) => {
      if (event.type === 'pending' && event.pending.sizeBytes === 0) end(undefined)
      if (event.type === 'inputRefused') end('the session takes no input')
      if (event.type === 'staleInput') end('the program was replaced, or has forgotten us')
      if (event.type === 'status') over(event.status)
    })
    session.type(bytes)

    function over(status: SessionStatus): void {
      if (status.name === 'ended') end('the program has ended')
      if (status.name === 'refused') end(status.reason || `refused (${status.code})`)
    }

    function end(why: string | undefined): void {
      unsubscribe()
      clock.clearTimeout(timer)
      interrupted.removeEventListener('abort', onInterrupt)
      void session.close()
      resolve(why)
    }
  })
  if (problem !== undefined)
    throw new CliError(
      'FAILED',
      `it is not known whether session ${id} has got the text: ${problem}`,
    )
  if (json) await printJson(out, { id, bytes: bytes.length })
  return 0
}
