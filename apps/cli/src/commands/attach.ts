import { constants } from 'node:os'
import {
  attachSession,
  type SessionEvent,
  type SessionExit,
  type SessionStatus,
} from '@conductor/session-client'
import { beforeDetachKey } from '../attach/detach-key.ts'
import type { LocalTerminal } from '../attach/local-terminal.ts'
import { createQueryFilter } from '../attach/query-filter.ts'
import { createScreenState } from '../attach/screen-state.ts'
import { clearStatusLine, drawStatusLine } from '../attach/status-line.ts'
import { CliError, type ExitCode } from '../cli-error.ts'
import type { Context } from '../context.ts'
import { printable } from '../render/printable.ts'
import type { ServerLink } from '../server/server-link.ts'
import { findSession, type SessionJson } from '../server/session-json.ts'
import { sessionSocket } from '../server/session-socket.ts'

/** Why the terminal is this shell's again. */
type End =
  | { readonly kind: 'detached' }
  | { readonly kind: 'interrupted' }
  | { readonly kind: 'ended'; readonly exit: SessionExit }
  | { readonly kind: 'refused'; readonly reason: string }

/** Makes this terminal a viewer of a session like any other, until Ctrl-] or the program's end. */
export async function attach(
  context: Context,
  stateDir: string,
  link: ServerLink,
  idOrName: string,
): Promise<ExitCode> {
  needTerminal(context)
  return attachTo(context, stateDir, await findSession(link, idOrName))
}

/** @throws CliError `FAILED` when the server has no such session for us any more. */
export async function attachTo(
  context: Context,
  stateDir: string,
  { id, name }: Pick<SessionJson, 'id' | 'name'>,
): Promise<ExitCode> {
  const terminal = needTerminal(context)
  const title = name === id ? id : `${printable(name)} (${id})`
  await context.err.write(`conductor: attached to ${title}; Ctrl-] detaches\n`)
  const { end, pendingBytes } = await view(context, terminal, stateDir, id)

  if (pendingBytes > 0)
    await context.err.write(`conductor: the last ${pendingBytes} bytes may not have been typed\n`)
  switch (end.kind) {
    case 'detached':
      await context.err.write(
        `conductor: detached; ${title} goes on, and conductor attach ${id} comes back\n`,
      )
      return 0
    case 'interrupted':
      await context.err.write(`conductor: interrupted; ${title} goes on\n`)
      return 1
    case 'refused':
      throw new CliError('FAILED', `session ${id}: ${end.reason}`)
    case 'ended': {
      const { code, signal, complete } = end.exit
      const how =
        code === undefined ? `by ${signal ?? 'the loss of its host'}` : `with code ${code}`
      const rest = complete ? '' : '; not all of its output has come'
      await context.err.write(`conductor: ${title} has ended ${how}${rest}\n`)
      return exitCodeOf(end.exit)
    }
  }
}

/** @throws CliError `USAGE` when there is none. */
export function needTerminal({ terminal }: Context): LocalTerminal {
  if (terminal) return terminal
  throw new CliError(
    'USAGE',
    'attach needs a terminal for keys and output; without one there are: conductor send, conductor logs',
  )
}

/** As shells tell it: 128 and the number for a signal. */
function exitCodeOf({ code, signal }: SessionExit): ExitCode {
  if (code !== undefined) return code
  const number = Object.entries(constants.signals).find(([name]) => name === signal)?.[1]
  return number === undefined ? 1 : 128 + number
}

/** Shows the session. The terminal is what it was when this returns, or throws. */
async function view(
  { clock, interrupted }: Context,
  terminal: LocalTerminal,
  stateDir: string,
  id: string,
): Promise<{ readonly end: End; readonly pendingBytes: number }> {
  const screen = createScreenState()
  const queries = createQueryFilter()
  let written: Promise<void> = Promise.resolve()
  let ownsSize = false
  /** Whether this terminal is asked what the program asks: nobody is where the session answers itself. */
  let mayAnswer = false
  let statusText: string | undefined
  /** Shown until the next key. */
  let notice: string | undefined
  let isOver = false
  let finish: (end: End) => void = () => {}
  const ended = new Promise<End>((resolve) => {
    finish = resolve
  })
  const onInterrupt = () => finish({ kind: 'interrupted' })

  function show(data: string | Uint8Array): Promise<void> {
    // What waits for a terminal that is not ours any more is not written.
    written = written.then(() => (isOver ? undefined : terminal.write(data)))
    return written
  }

  const session = attachSession({
    ...sessionSocket(stateDir, id),
    ...terminal.size,
    clock,
    onOutput({ bytes, replay, done }) {
      screen.see(bytes)
      const shown = queries.pass(bytes, !replay && ownsSize && mayAnswer)
      void show(shown).then(done)
    },
  })

  function showStatus(text: string | undefined): void {
    if (text === statusText) return
    void show(
      text === undefined ? clearStatusLine(terminal.size) : drawStatusLine(text, terminal.size),
    )
    statusText = text
    if (text === undefined) redraw()
  }

  /** Another size and back makes the program draw what the line stood on. */
  function redraw(): void {
    const { cols, rows } = terminal.size
    if (!ownsSize || rows < 2) return
    session.resize(cols, rows - 1)
    session.resize(cols, rows)
  }

  function onStatus(status: SessionStatus): void {
    if (status.name === 'reconnecting')
      showStatus(`Reconnecting (${status.attempt}) ... typing is kept for 30 s; Ctrl-] detaches`)
    if (status.name === 'live') showStatus(notice)
    if (status.name === 'ended') finish({ kind: 'ended', exit: status.exit })
    if (status.name === 'refused')
      finish({ kind: 'refused', reason: status.reason || `refused (${status.code})` })
  }

  function onEvent(event: SessionEvent): void {
    if (event.type === 'status') onStatus(event.status)
    if (event.type === 'attached') mayAnswer = event.answers === 'viewer'
    if (event.type === 'size') ownsSize = event.owner === 'you'
    if (event.type === 'reset') void show(`${screen.undo()}\x1b[H\x1b[2J`)
    if (event.type === 'gap')
      void show(`\r\n[conductor: ${event.to - event.from} bytes of the history are gone]\r\n`)
    if (event.type === 'staleInput') {
      // What was typed at a screen that nobody saw is not typed at another one.
      session.discardHeld()
      notice = `${event.sizeBytes} bytes that were typed meanwhile are discarded; press a key`
    }
  }

  session.subscribe(onEvent)
  interrupted.addEventListener('abort', onInterrupt)
  if (interrupted.aborted) onInterrupt()
  const giveBack = terminal.takeOver({
    onKeys(bytes) {
      notice = undefined
      if (session.status.name === 'live') showStatus(undefined)
      const before = beforeDetachKey(bytes)
      session.type(before ?? bytes)
      if (before) finish({ kind: 'detached' })
    },
    onResize: () => session.resize(terminal.size.cols, terminal.size.rows),
    farewell: () => `${screen.undo()}\r\n`,
  })
  try {
    const end = await ended
    const pendingBytes = end.kind === 'ended' ? 0 : session.pending.sizeBytes
    // A terminal that is stopped (Ctrl-S) takes nothing; who wants to leave does not wait for it.
    if (end.kind === 'ended') await written
    return { end, pendingBytes }
  } finally {
    isOver = true
    interrupted.removeEventListener('abort', onInterrupt)
    giveBack()
    await session.close()
  }
}
