import type { Clock } from '@conductor/machine'
import { isPtySessionError } from '../pty-session-error.ts'
import type { LogRead, PtySession, ViewerSink } from '../types.ts'

/** Sent to one viewer before everybody else has a turn, in bytes. */
const TURN_BYTES = 256 * 1024

/** After the log could not be read it is tried again this often, in milliseconds. */
const RETRY_MS = 1_000

/**
 * What a cursor is at:
 *
 *     queued ─ its turn ─▶ sending ─ all sent ──────▶ waiting ─ wake ──▶ sending
 *                          sending ─ sink says no ──▶ full ─── resume ─▶ sending
 *                          sending ─ sent enough ───▶ queued
 *                          sending ─ read failed ───▶ failed ─ time ───▶ sending
 *                          sending ─ nothing follows, or `close` ─▶ done
 */
type Mode = 'queued' | 'sending' | 'waiting' | 'full' | 'failed' | 'done'

export interface CursorOptions {
  readonly session: Pick<PtySession, 'log' | 'state'>
  readonly sink: ViewerSink
  readonly from: number
  readonly clock: Clock
  readonly nextTurn: (callback: () => void) => void
  /** Called once, in a later turn and before any output. */
  readonly onStart: () => void
  /** Called once before the sink's last call: there will be nothing more. Not after `close`. */
  readonly onDone: () => void
}

/** One viewer's place in the log, moved on as fast as its sink takes what comes. */
export interface Cursor {
  readonly offset: number
  /** There may be more, or the session has ended. */
  wake(): void
  resume(): void
  repeat(offset: number): void
  skip(offset: number): void
  close(): void
}

export function createCursor(options: CursorOptions): Cursor {
  const { session, sink, clock, nextTurn, onStart, onDone } = options
  let offset = options.from
  let mode: Mode = 'queued'
  let inRun = false
  let failing = false
  let timer: unknown

  nextTurn(() => {
    if (mode !== 'queued') return
    onStart()
    run('queued')
  })

  /** Sends until there is nothing to send, nobody to take it, or it is somebody else's turn. */
  function run(from: Mode): void {
    if (mode !== from) return
    mode = 'sending'
    inRun = true
    let sent = 0
    while (is('sending')) {
      if (sent >= TURN_BYTES) queue()
      else sent += sendNext()
    }
    inRun = false
  }

  /** A sink may call us while we call it, so `mode` is looked up and not remembered. */
  function is(asked: Mode): boolean {
    return mode === asked
  }

  function queue(): void {
    mode = 'queued'
    nextTurn(() => run('queued'))
  }

  /** Returns how many bytes were sent. */
  function sendNext(): number {
    const read = tryRead()
    switch (read?.kind) {
      case undefined:
        return 0
      case 'end':
        rest()
        return 0
      case 'gap':
        offset = read.to
        sink.gap(read.from, read.to)
        return 0
      case 'bytes': {
        const length = read.end - read.start
        offset += length
        mode = 'full'
        if (sink.output(read) && is('full')) mode = 'sending'
        return length
      }
    }
  }

  function tryRead(): LogRead | undefined {
    try {
      const read = session.log.read(offset)
      failing = false
      return read
    } catch (error) {
      fail(error)
      return undefined
    }
  }

  function fail(error: unknown): void {
    mode = 'failed'
    // Whoever closed the log has no use for us either.
    if (isPtySessionError(error, 'LOG_CLOSED')) return
    timer = clock.setTimeout(() => run('failed'), RETRY_MS)
    if (failing) return
    failing = true
    const code = isPtySessionError(error) ? error.code : 'LOG_UNREADABLE'
    sink.notice(code, error instanceof Error ? error.message : String(error))
  }

  function rest(): void {
    const { state } = session
    mode = 'waiting'
    if (state.name === 'exited' && offset >= state.exit.offset) {
      finish()
      sink.exit(state.exit)
    } else if (state.name === 'lost') {
      finish()
      sink.lost(state.reason)
    }
  }

  function finish(): void {
    mode = 'done'
    onDone()
  }

  return {
    get offset() {
      return offset
    },
    wake: () => run('waiting'),
    resume() {
      // From within `output`: it has changed its mind, and the run goes on.
      if (inRun && mode === 'full') mode = 'sending'
      else run('full')
    },
    repeat(to) {
      if (!(Number.isSafeInteger(to) && to >= 0 && to < offset)) return
      offset = to
      run('waiting')
    },
    skip(to) {
      if (to > offset && to <= session.log.end) offset = to
    },
    close() {
      mode = 'done'
      clock.clearTimeout(timer)
    },
  }
}
