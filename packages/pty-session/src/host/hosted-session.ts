import { createFollowingReader } from '../log/log-reader.ts'
import { PtySessionError, type PtySessionErrorCode } from '../pty-session-error.ts'
import { endedError } from '../session.ts'
import type { PtySession, SessionEvent, SessionInput, SessionState } from '../types.ts'
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
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

/** A session in a host, seen from a server: the log is read from disk, the rest comes by the link. */
export function createHostedSession(
  hosted: HostedSession,
  link: HostLink,
): HostedSessionControl {
  const { index, id } = hosted
  const listeners = new Set<(event: SessionEvent) => void>()
  const log = createFollowingReader(hosted.logDir)
  log.grew(hosted.start, hosted.end)
  /** Typed and not confirmed, oldest first: sent again after a lost link, and typed once all the same. */
  const unwritten = new Map<string, Unwritten>()
  let backlogBytes = 0
  let { size, state } = hosted

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
    if (error) found.reject(error)
    else found.resolve()
  }

  function grew(start: number, end: number): void {
    log.grew(start, end)
    tell({ type: 'grew' })
  }

  return {
    receive(message) {
      switch (message.type) {
        case 'grew':
          return grew(message.start, message.end)
        case 'typed':
          return settle(message)
        case 'untyped':
          return settle(
            message,
            new PtySessionError(
              message.code as PtySessionErrorCode,
              `input ${message.seq} of session ${id} was refused`,
              { expected: message.expected },
            ),
          )
        case 'resized':
          size = { cols: message.cols, rows: message.rows }
          return tell({ type: 'resized', size })
        case 'notice':
          return tell({ type: 'notice', code: message.code, text: message.text })
        case 'state':
          if (message.state.name === 'exited') grew(log.start, message.state.exit.offset)
          return become(message.state)
      }
    },
    resync(now) {
      grew(now.start, now.end)
      if (now.size.cols !== size.cols || now.size.rows !== size.rows) {
        size = now.size
        tell({ type: 'resized', size })
      }
      become(now.state)
      for (const { input } of unwritten.values()) link.send({ type: 'input', index, ...input })
    },
    unlinked() {
      become({ name: 'unreachable', reason: 'the link to the host dropped' })
    },
    ended() {
      if (state.name === 'exited' || state.name === 'lost') return
      const { exit, start, end } = log.examine()
      grew(start, end)
      if (exit) become({ name: 'exited', exit: { ...exit, offset: end } })
      else become({ name: 'lost', reason: 'its host ended without a word' })
    },
    session: {
      id,
      pid: hosted.pid,
      identity: hosted.identity,
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
            // Typed again by a client that came back: one confirmation serves both.
            const { resolve: first, reject: firstReject } = same
            unwritten.set(keyOf(input), {
              input: same.input,
              resolve: () => (first(), resolve()),
              reject: (error) => (firstReject(error), reject(error)),
            })
            return
          }
          unwritten.set(keyOf(input), { input, resolve, reject })
          backlogBytes += input.bytes.length
          link.send({ type: 'input', index, ...input })
        })
      },
      inputSeq: (clientId) => link.ask({ op: 'inputSeq', index, clientId }, Number),
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

function keyOf({ clientId, seq }: { clientId: string; seq: number }): string {
  return `${clientId} ${seq}`
}
