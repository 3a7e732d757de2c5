import type { TerminalSnapshot } from '@conductor/terminal-state'
import { openLogReader } from '../log/log-reader.ts'
import { PtySessionError, type PtySessionErrorCode } from '../pty-session-error.ts'
import { endedError } from '../session.ts'
import type { PtySession, SessionEvent, SessionExit, SessionInput, SessionState } from '../types.ts'
import type { FromHost, HostedSession, HostRequest, ToHost } from './messages.ts'

export interface HostLink {
  /** `false` when there is no link right now. */
  readonly send: (message: Exclude<ToHost, { type: 'unknown' }>) => boolean
  readonly ask: <T>(request: HostRequest, read: (value: unknown) => T) => Promise<T>
}

export interface HostedSessionControl {
  readonly session: PtySession
  receive(message: FromHost): void
  /** The link is there again: `hosted` is how things stand. */
  resync(hosted: HostedSession): void
  /** The link has dropped, and that proves nothing. */
  unlinked(): void
  /** The host does not hold the session any more: the log knows why. */
  ended(): void
}

interface Unwritten {
  readonly input: SessionInput
  /** Who sent it: a client that came back may have sent it again. */
  readonly waiting: Array<{
    readonly resolve: () => void
    readonly reject: (error: Error) => void
  }>
}

/** A session in a host, seen from a server: the log is read from disk, the rest comes by the link. */
export function createHostedSession(hosted: HostedSession, link: HostLink): HostedSessionControl {
  const { id } = hosted
  let { index } = hosted
  const listeners = new Set<(event: SessionEvent) => void>()
  const log = openLogReader(hosted.logDir)
  log.grew(hosted.start, hosted.end)
  /** Typed and not confirmed, oldest first: sent again after a lost link, and typed once all the same. */
  const unwritten = new Map<string, Unwritten>()
  let backlogBytes = 0
  let size = hosted.size
  let state = restored(hosted.state)

  function tell(event: SessionEvent): void {
    for (const listener of listeners) listener(event)
  }

  function become(next: SessionState): void {
    if (state.name === 'exited' || state.name === 'lost') return
    state = next
    if (next.name === 'exited' || next.name === 'lost') {
      for (const each of [...unwritten.values()]) settle(each.input, endedError(id))
    }
    tell({ type: 'state', state })
  }

  function settle(input: { clientId: string; seq: number }, error?: Error): void {
    const key = keyOf(input)
    const found = unwritten.get(key)
    if (!found) return
    unwritten.delete(key)
    backlogBytes -= found.input.bytes.length
    for (const { resolve, reject } of found.waiting) error ? reject(error) : resolve()
  }

  function grew(start: number, end: number): void {
    log.grew(start, end)
    tell({ type: 'grew' })
  }

  /** What the host wrote last, it may not have told any more. */
  function examine(): SessionExit | undefined {
    try {
      return log.examine().exit
    } catch {
      // An unreadable disk: what was told before can still be true, and more is not known.
      return undefined
    }
  }

  return {
    receive(message) {
      switch (message.type) {
        case 'grew':
          grew(message.start, message.end)
          break
        case 'typed':
          settle(message)
          break
        case 'untyped': {
          // The host's codes are this package's; a newer host's new one is passed on as it is.
          const code = message.code as PtySessionErrorCode
          const text = `input ${message.seq} of session ${id} was refused`
          settle(message, new PtySessionError(code, text, { expected: message.expected }))
          break
        }
        case 'resized':
          size = { cols: message.cols, rows: message.rows }
          tell({ type: 'resized', size })
          break
        case 'notice':
          tell({ type: 'notice', code: message.code, text: message.text })
          break
        case 'terminal':
          tell({ type: 'terminal', event: message.event })
          break
        case 'state':
          if (message.state.name === 'exited') grew(log.start, message.state.exit.offset)
          // Of a session whose tmux died, the last bytes may not have been told.
          if (message.state.name === 'lost') {
            examine()
            tell({ type: 'grew' })
          }
          become(restored(message.state))
          break
      }
    },
    resync(now) {
      // Another host may have taken its program over.
      index = now.index
      grew(now.start, now.end)
      if (now.size.cols !== size.cols || now.size.rows !== size.rows) {
        size = now.size
        tell({ type: 'resized', size })
      }
      become(restored(now.state))
      for (const { input } of unwritten.values()) link.send({ type: 'input', index, ...input })
    },
    unlinked() {
      become({ name: 'unreachable', reason: 'the link to the host dropped' })
    },
    ended() {
      if (state.name === 'exited' || state.name === 'lost') return
      const exit = examine()
      tell({ type: 'grew' })
      if (exit) become({ name: 'exited', exit })
      else become({ name: 'lost', reason: 'its host ended without a word' })
    },
    session: {
      id,
      pid: hosted.pid,
      identity: hosted.identity,
      answers: hosted.answers ?? 'viewer',
      log,
      get size() {
        return size
      },
      get state() {
        return state
      },
      get inputBacklogBytes() {
        return backlogBytes
      },
      input(input) {
        if (state.name === 'exited' || state.name === 'lost') return Promise.reject(endedError(id))
        return new Promise((resolve, reject) => {
          const same = unwritten.get(keyOf(input))
          if (same) {
            same.waiting.push({ resolve, reject })
            return
          }
          unwritten.set(keyOf(input), { input, waiting: [{ resolve, reject }] })
          backlogBytes += input.bytes.length
          link.send({ type: 'input', index, ...input })
        })
      },
      inputSeq: (clientId) => link.ask({ op: 'inputSeq', index, clientId }, Number),
      async snapshot({ scrollbackLines = 1_000 } = {}) {
        try {
          const snapshot = await link.ask({ op: 'snapshot', index, scrollbackLines }, snapshotOf)
          // It may be ahead of the last word about the log.
          if (snapshot && snapshot.offset > log.end) grew(log.start, snapshot.offset)
          return snapshot
        } catch {
          // There is none to be had now, which is no more than that.
          return undefined
        }
      },
      setColors: (colors) => void link.send({ type: 'colors', index, colors }),
      resize: (next) => void link.send({ type: 'resize', index, ...next }),
      signal: (signal) => void link.send({ type: 'signal', index, signal }),
      async end(how) {
        if (state.name === 'exited' || state.name === 'lost') return
        await link.ask({ op: 'end', index, graceMs: how?.graceMs }, () => undefined)
      },
      subscribe(listener) {
        listeners.add(listener)
        return () => void listeners.delete(listener)
      },
      close() {
        listeners.clear()
        log.close()
      },
    },
  }
}

/** A host of an older build answers a question that it does not know with nothing. */
function snapshotOf(value: unknown): TerminalSnapshot | undefined {
  // The shape of an answer belongs to its question.
  const snapshot = value as TerminalSnapshot | null
  if (!snapshot) return undefined
  const { offset, cols, rows, exact, bytes } = snapshot
  return { offset, cols, rows, exact, bytes }
}

/** JSON has no `undefined`: an exit by a signal comes without a code, and the other way round. */
function restored(state: SessionState): SessionState {
  if (state.name !== 'exited') return state
  const { code, signal, offset } = state.exit
  return { name: 'exited', exit: { code, signal, offset } }
}

function keyOf({ clientId, seq }: { clientId: string; seq: number }): string {
  return `${clientId} ${seq}`
}
