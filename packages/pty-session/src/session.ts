import { randomBytes } from 'node:crypto'
import { type Clock, systemClock } from '@conductor/machine'
import { createInputBook } from './input-book.ts'
import { type LogFs, nodeLogFs } from './log/log-fs.ts'
import { recordedInputs, resumeLog } from './log/resume-log.ts'
import { createSessionLog } from './log/session-log.ts'
import { createOutputGather } from './output-gather.ts'
import { openPty, type Pty, type PtyOptions } from './pty/pty.ts'
import { PtySessionError } from './pty-session-error.ts'
import { createSessionTerminal } from './terminal/session-terminal.ts'
import type { PtySession, SessionEvent, SessionOptions, SessionState } from './types.ts'

/** While output cannot be written (the disk is full), it is tried again this often, in milliseconds. */
const STALLED_RETRY_MS = 500

/** Answers to a program's queries are dropped while it leaves so much of its input unread, in bytes. */
const MOST_UNREAD_BYTES = 64 * 1024

const DEFAULT_HISTORY_BYTES = 64 * 1024 * 1024

/** Bytes read from one pty per turn of the loop where other sessions wait for their turn. */
const FAIR_BURST_BYTES = 8 * 1024

/** What only tests and hosts set. */
export interface SessionRuntime {
  readonly clock?: Clock | undefined
  /** Bytes read per turn of the event loop (default: 8 KiB, so that sessions share it fairly). */
  readonly burstBytes?: number | undefined
  /** The file system of the log, so that a test can let it fail. */
  readonly fs?: LogFs | undefined
  /** Where the program runs (default: on a pty of this process). */
  readonly openPty?: OpenPty | undefined
  /** Goes on with the log of a dead process, whose program lives on (default: false). */
  readonly resume?: boolean | undefined
}

/** @param offset How much of the program's output the log holds already: more than 0 with `resume` only. */
export type OpenPty = (pty: PtyOptions, session: SessionOptions, offset: number) => Pty

/**
 * Runs a program in a pty of this process and keeps all it says in a log on disk.
 *
 * Output is written to the log before anybody is told of it. The program ends with this process: for
 * one that must not, see `spawnSessionHost`.
 *
 * @throws PtySessionError `SPAWN_FAILED` naming the field when there is no such command or folder;
 * `BAD_OPTION` for a value out of its range; `NATIVE_MISSING` when node-pty was not built.
 */
export function createPtySession(
  options: SessionOptions,
  runtime: SessionRuntime = {},
): PtySession {
  const { id, historyBytes = DEFAULT_HISTORY_BYTES, fsync = 'never' } = options
  const { clock = systemClock, burstBytes = FAIR_BURST_BYTES, fs = nodeLogFs } = runtime
  const { openPty: open = openPty, resume = false } = runtime
  const listeners = new Set<(event: SessionEvent) => void>()
  const book = createInputBook(resume ? recordedInputs(options.logDir) : undefined)
  const lastWrite = new Map<string, Promise<void>>()
  let size = { cols: clampSize(options.cols ?? 80), rows: clampSize(options.rows ?? 24) }
  let state: SessionState = { name: 'running' }
  let ended: { code: number | undefined; signal: string | undefined } | undefined
  let retry: unknown

  const log = createSessionLog({
    dir: options.logDir,
    epoch: randomBytes(8).toString('hex'),
    maxBytes: historyBytes,
    fsync,
    resume: resume ? resumeLog(fs, options.logDir) : undefined,
    fs,
  })
  log.recordResize(size)

  const gather = createOutputGather({
    write,
    now: clock.now,
    afterReads: (callback) => void setImmediate(callback),
  })

  const pty = (() => {
    try {
      const request: PtyOptions = {
        command: options.command,
        args: options.args ?? [],
        cwd: options.cwd ?? '/',
        env: { TERM: 'xterm-256color', ...options.env },
        ...size,
        burstBytes,
        clock,
        onData: gather.push,
        onExit: (exit) => {
          ended = exit
          finish()
        },
        onLost: lose,
        onNotice: (code, text) => tell({ type: 'notice', code, text }),
      }
      return open(request, options, log.end)
    } catch (error) {
      log.close()
      throw error
    }
  })()

  const terminal = createSessionTerminal({
    log,
    size,
    clock,
    onEvent: (event) => tell({ type: 'terminal', event }),
    ...(!pty.answersQueries && { onReply: reply }),
    onTrouble: (error) => tell({ type: 'notice', code: 'NO_TERMINAL', text: messageOf(error) }),
  })

  function tell(event: SessionEvent): void {
    for (const listener of listeners) listener(event)
  }

  function become(next: SessionState): void {
    state = next
    tell({ type: 'state', state })
  }

  function write(bytes: Buffer): boolean {
    const result = log.append(bytes)
    if (!result.ok) {
      stall(result.error)
      return false
    }
    tell({ type: 'grew' })
    terminal.wrote(bytes)
    return true
  }

  /** Typed like what a person types, but by nobody: it has no number. A program that has ended wants none. */
  function reply(bytes: Uint8Array): void {
    // Who asks and asks, and never reads the answers, must not fill our memory with them.
    if (pty.backlogBytes > MOST_UNREAD_BYTES) return
    pty.write(bytes).catch(() => {})
  }

  /** The pty is not read until the log takes bytes again: the program waits, and nothing is lost. */
  function stall(error: Error): void {
    pty.pause()
    if (state.name !== 'stalled') become({ name: 'stalled', reason: error.message })
    clock.clearTimeout(retry)
    retry = clock.setTimeout(tryAgain, STALLED_RETRY_MS)
  }

  function tryAgain(): void {
    if (state.name === 'lost') return
    if (ended) {
      finish()
    } else if (gather.flush()) {
      become({ name: 'running' })
      pty.resume()
    }
  }

  /** The exit counts once all that was said before it, and then itself, is in the log. */
  function finish(): void {
    if (!ended || state.name === 'exited' || state.name === 'lost' || !gather.flush()) return
    const recorded = log.recordExit(ended)
    if (!recorded.ok) {
      stall(recorded.error)
      return
    }
    pty.recorded?.()
    become({ name: 'exited', exit: { ...ended, offset: log.end } })
  }

  /** What it said before is in the log, or cannot be written: nobody is left to wait. */
  function lose(reason: string): void {
    gather.flush()
    clock.clearTimeout(retry)
    ended = { code: undefined, signal: undefined }
    become({ name: 'lost', reason })
  }

  return {
    id,
    pid: pty.pid,
    identity: pty.identity,
    answers: 'session',
    log,
    get size() {
      return size
    },
    get state() {
      return state
    },
    get inputBacklogBytes() {
      return pty.backlogBytes
    },
    input({ clientId, seq, bytes }) {
      if (ended) return Promise.reject(endedError(id))
      const verdict = book.accept(clientId, seq)
      if (verdict === 'duplicate') return lastWrite.get(clientId) ?? Promise.resolve()
      if (verdict === 'gap')
        return Promise.reject(
          new PtySessionError(
            'INPUT_GAP',
            `input ${seq} came, ${book.last(clientId) + 1} is next`,
            {
              expected: book.last(clientId) + 1,
            },
          ),
        )
      const written = pty.write(bytes)
      // The record says that somebody typed, not what: a full disk must not stop the typing.
      log.recordInput({ clientId, seq, length: bytes.length })
      lastWrite.set(clientId, written)
      const forget = () => {
        if (lastWrite.get(clientId) === written) lastWrite.delete(clientId)
      }
      written.then(forget, forget)
      return written
    },
    inputSeq: async (clientId) => book.last(clientId),
    resize(next) {
      const clamped = { cols: clampSize(next.cols), rows: clampSize(next.rows) }
      if (ended || (clamped.cols === size.cols && clamped.rows === size.rows)) return
      // What was said at the old size comes before the new size in the log.
      gather.flush()
      size = clamped
      pty.resize(size)
      log.recordResize(size)
      terminal.resized(size)
      tell({ type: 'resized', size })
    },
    snapshot: ({ scrollbackLines = 1_000 } = {}) => terminal.snapshot(scrollbackLines),
    setColors: terminal.setColors,
    signal: (signal) => pty.signal(signal),
    end: (how) => pty.end(how),
    subscribe(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    close() {
      clock.clearTimeout(retry)
      listeners.clear()
      terminal.close()
      log.close()
    },
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

export function endedError(id: string): PtySessionError {
  return new PtySessionError('ENDED', `the program of session ${id} has ended`)
}

/** The kernel keeps a size in 16 bits, and programs allocate by it. */
function clampSize(cells: number): number {
  return Math.min(Math.max(Math.trunc(cells) || 1, 1), 10_000)
}
