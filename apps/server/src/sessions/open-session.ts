import type { Clock } from '@conductor/machine'
import type { CloseCode } from '@conductor/protocol'
import type { PtySession, Viewers } from '@conductor/pty-session'
import type { SessionRecord } from './session-file.ts'

/** Somebody who is attached, over whatever transport. */
export interface Visitor {
  /** Two visitors of one client must not type side by side: the older one is asked to leave. */
  readonly clientId: string | undefined
  /** Asks the visitor to go, and to call the function that `join` returned. */
  readonly leave: (code: CloseCode, reason: string) => void
}

/** A session that can be attached to, and everybody who is. */
export interface OpenSession {
  /** As last written to disk. */
  record: SessionRecord
  readonly session: PtySession
  readonly viewers: Viewers
  /** Returns how to leave; calling it twice is fine. */
  join(visitor: Visitor): () => void
  /** Asks everybody to go. */
  dismiss(code: CloseCode, reason: string): void
  /** Resolves when nobody is attached any more, at the latest after `withinMs`. */
  whenEmpty(withinMs: number): Promise<void>
  /** Lets go of the session and its log. */
  close(): void
}

export interface OpenSessionOptions {
  readonly record: SessionRecord
  readonly session: PtySession
  readonly createViewers: (session: PtySession) => Viewers
  readonly clock: Clock
}

export function createOpenSession(options: OpenSessionOptions): OpenSession {
  const { session, createViewers, clock } = options
  const viewers = createViewers(session)
  const visitors = new Set<Visitor>()
  const waiting = new Set<() => void>()

  return {
    record: options.record,
    session,
    viewers,
    join(visitor) {
      if (visitor.clientId !== undefined) {
        for (const other of [...visitors])
          if (other.clientId === visitor.clientId)
            other.leave(4409, 'the same client has attached again')
      }
      visitors.add(visitor)
      return () => {
        if (!visitors.delete(visitor) || visitors.size > 0) return
        for (const resolve of [...waiting]) resolve()
      }
    },
    dismiss(code, reason) {
      for (const visitor of [...visitors]) visitor.leave(code, reason)
    },
    whenEmpty(withinMs) {
      if (visitors.size === 0) return Promise.resolve()
      return new Promise((resolve) => {
        const settle = () => {
          clock.clearTimeout(timer)
          waiting.delete(settle)
          resolve()
        }
        const timer = clock.setTimeout(settle, withinMs)
        waiting.add(settle)
      })
    },
    close() {
      viewers.close()
      session.close()
    },
  }
}
