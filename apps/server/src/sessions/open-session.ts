import type { Clock } from '@conductor/machine'
import type { CloseCode } from '@conductor/protocol'
import type { PtySession, Viewers } from '@conductor/pty-session'
import type { ViewMode } from '../auth/scope.ts'
import type { SessionRecord } from './session-file.ts'
import { isTyping } from './typing.ts'

/** Who looks, and how they came in. */
export interface Who {
  /** `login`: by password. `cli`: the command line of this machine. `share:<id>`: by that link. */
  readonly via: 'login' | 'cli' | `share:${string}`
  readonly label?: string | undefined
  readonly address?: string | undefined
}

/** Somebody who looks at a session, as the outside sees them. */
export interface ViewerInfo extends Who {
  /** Unique in its session, for as long as the server runs. */
  readonly id: string
  readonly mode: ViewMode
  /** It was the last to type. */
  readonly typing?: true | undefined
  /** ISO 8601, UTC. */
  readonly since: string
}

/** Somebody who is attached, over whatever transport. */
export interface Visitor {
  /** Two visitors of one client must not type side by side: the older one is asked to leave. */
  readonly clientId: string | undefined
  /** Asks the visitor to go, and to call the function that `join` returned. */
  readonly leave: (code: CloseCode, reason: string) => void
  /** Default: nobody in particular, who is not shown. */
  readonly who?: Who | undefined
  /** What it may do (default: `driver`). */
  readonly mode?: ViewMode | undefined
}

/** What a visitor holds while it is there. */
export interface Visit {
  /** It has typed these. */
  typed(bytes: Uint8Array): void
  /** Calling it twice is fine. */
  leave(): void
}

/** Is told who comes, goes and types. Called on the data path: nothing here may wait. */
export interface SessionWatch {
  joined(open: OpenSession, viewer: ViewerInfo): void
  left(open: OpenSession, viewer: ViewerInfo): void
  /** Somebody types who was not the last to. */
  tookKeyboard(open: OpenSession, viewer: ViewerInfo): void
  typed(open: OpenSession): void
}

/** A session that can be attached to, and everybody who is. */
export interface OpenSession {
  /** As last written to disk. */
  record: SessionRecord
  readonly session: PtySession
  readonly viewers: Viewers
  /** Everybody who is attached and known, in the order in which they came. */
  readonly viewerList: readonly ViewerInfo[]
  join(visitor: Visitor): Visit
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
  readonly watch?: SessionWatch | undefined
}

export function createOpenSession(options: OpenSessionOptions): OpenSession {
  const { session, createViewers, clock, watch } = options
  const viewers = createViewers(session)
  const visitors = new Map<Visitor, ViewerInfo | undefined>()
  const waiting = new Set<() => void>()
  let count = 0
  let typist: Visitor | undefined

  function describe({ who, mode = 'driver' }: Visitor): ViewerInfo | undefined {
    if (!who) return undefined
    return { id: String(++count), mode, since: new Date(clock.date()).toISOString(), ...who }
  }

  const open: OpenSession = {
    record: options.record,
    session,
    viewers,
    get viewerList() {
      return [...visitors].flatMap(([visitor, viewer]) => {
        if (!viewer) return []
        return [visitor === typist ? { ...viewer, typing: true as const } : viewer]
      })
    },
    join(visitor) {
      if (visitor.clientId !== undefined) {
        for (const other of [...visitors.keys()])
          if (other.clientId === visitor.clientId)
            other.leave(4409, 'the same client has attached again')
      }
      const viewer = describe(visitor)
      visitors.set(visitor, viewer)
      if (viewer) watch?.joined(open, viewer)
      return {
        typed(bytes) {
          if (!isTyping(bytes)) return
          watch?.typed(open)
          if (typist === visitor) return
          typist = visitor
          if (viewer) watch?.tookKeyboard(open, viewer)
        },
        leave() {
          if (!visitors.delete(visitor)) return
          if (viewer) watch?.left(open, viewer)
          if (visitors.size > 0) return
          for (const resolve of [...waiting]) resolve()
        },
      }
    },
    dismiss(code, reason) {
      for (const visitor of [...visitors.keys()]) visitor.leave(code, reason)
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
  return open
}
