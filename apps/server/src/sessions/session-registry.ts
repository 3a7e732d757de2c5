import type { Clock } from '@conductor/machine'
import type { LogReader, PtySession, SessionEvent, Viewers } from '@conductor/pty-session'
import type { Attention } from '../attention/attention.ts'
import type { EventLog } from '../event-log.ts'
import { ServerError } from '../server-error.ts'
import { createLingering } from './lingering.ts'
import { createOpenSession, type OpenSession, type SessionWatch } from './open-session.ts'
import { removeSessionFiles, type SessionRecord, writeSessionFile } from './session-file.ts'
import { describeSession, type SessionInfo } from './session-info.ts'
import type { SessionRuntime } from './session-runtime.ts'

export interface RegistryOptions {
  readonly dataDir: string
  readonly runtime: SessionRuntime
  readonly createViewers: (session: PtySession) => Viewers
  readonly events: EventLog
  readonly clock: Clock
  /** How long the log of an exited session waits for viewers that come back (default: 60,000). */
  readonly lingerMs?: number | undefined
  /** The program has exited: why the session goes, or that it does not. */
  readonly onExit: (open: OpenSession) => 'exited' | 'deleted' | 'stays'
  readonly onTrouble: (trouble: string, error: unknown) => void
  /** Is told of every program, before anything else is, and of who looks at it. */
  readonly watch?: (SessionWatch & { entered(open: OpenSession): void }) | undefined
  /** Whether a session waits for somebody. */
  readonly attentionOf?: ((id: string) => Attention) | undefined
}

export type AttachTarget =
  | { readonly kind: 'found'; readonly open: OpenSession }
  | { readonly kind: 'missing' }
  | { readonly kind: 'unreachable'; readonly reason: string }

/** A session whose host does not answer. */
export interface Unreachable {
  readonly kind: 'unreachable'
  record: SessionRecord
  readonly reason: string
  readonly log: LogReader | undefined
}

export type Entry = { readonly kind: 'open'; readonly open: OpenSession } | Unreachable

/** Which sessions are here now, and what is left of those that just were. */
export interface SessionRegistry {
  readonly entries: ReadonlyMap<string, Entry>
  readonly viewerCount: number
  info(entry: Entry): SessionInfo
  /** @throws ServerError `SESSION_NOT_FOUND`. */
  required(id: string): Entry
  /** An ended session is found only by those who know its `epoch`, and only for a while. */
  attach(id: string, epoch: string): AttachTarget
  /** Puts it on the list, in the place of what was known of it before. */
  enter(record: SessionRecord, session: PtySession): OpenSession
  enterUnreachable(entry: Omit<Unreachable, 'kind'>): void
  /** Writes down what is new about it. */
  update(entry: Entry, record: SessionRecord): void
  /** The program has exited: off the list at once, while viewers read on to the end. */
  left(open: OpenSession, reason?: 'exited' | 'deleted'): void
  /** Takes it off the list, with its files. */
  take(open: OpenSession): void
  /** Removes the files of a session that is not here. */
  erase(id: string): void
  /** Lets go of every session. Ends nothing. */
  letGo(): void
}

export function createSessionRegistry(options: RegistryOptions): SessionRegistry {
  const { dataDir, runtime, createViewers, events, clock, onTrouble } = options
  const { onExit, watch, attentionOf } = options
  const entries = new Map<string, Entry>()
  const lingering = createLingering({ clock, lingerMs: options.lingerMs ?? 60_000, bury })
  let closed = false

  function info(entry: Entry): SessionInfo {
    if (entry.kind === 'unreachable')
      return describeSession(entry.record, { name: 'unreachable', reason: entry.reason })
    const { record, session, viewers, viewerList } = entry.open
    return {
      ...describeSession(record, session.state, session, viewers.count),
      viewerList,
      ...(attentionOf && { attention: attentionOf(record.id) }),
    }
  }

  function enter(record: SessionRecord, session: PtySession): OpenSession {
    const before = entries.get(record.id)
    const open = createOpenSession({ record, session, createViewers, clock, watch })
    watch?.entered(open)
    entries.set(record.id, { kind: 'open', open })
    session.subscribe((event) => onEvent(open, event))
    forget(before, session.log)
    return open
  }

  /** Whoever looks at what was there before is to attach to what is there now. */
  function forget(entry: Entry | undefined, inUse?: LogReader): void {
    if (entry?.kind === 'unreachable') entry.log?.close()
    if (entry?.kind !== 'open') return
    const { open } = entry
    open.dismiss(4408, 'the session has changed: attach again')
    if (open.session.log === inUse) open.viewers.close()
    else open.close()
  }

  function onEvent(open: OpenSession, event: SessionEvent): void {
    if (event.type !== 'state' || closed || isPast(open)) return
    if (event.state.name !== 'exited') {
      events.publish({ type: 'session.state', session: info({ kind: 'open', open }) })
      return
    }
    const reason = onExit(open)
    if (reason !== 'stays') left(open, reason)
  }

  /** Another program has taken its place. */
  function isPast(open: OpenSession): boolean {
    const entry = entries.get(open.record.id)
    return entry?.kind === 'open' && entry.open !== open
  }

  function left(open: OpenSession, reason: 'exited' | 'deleted' = 'exited'): void {
    const { id } = open.record
    const { state } = open.session
    if (!entries.delete(id) || state.name !== 'exited') return
    lingering.add(open)
    events.publish({ type: 'session.exited', id, exit: state.exit })
    events.publish({ type: 'session.removed', id, reason })
  }

  /** Nobody can ask for this session any more. */
  function bury(open: OpenSession): void {
    const { id } = open.record
    open.dismiss(4404, 'the session has ended')
    open.close()
    runtime.forget(id)
    erase(id)
  }

  function erase(id: string): void {
    try {
      removeSessionFiles(dataDir, id)
    } catch (error) {
      onTrouble('the files of a session cannot be removed', error)
    }
  }

  return {
    entries,
    get viewerCount() {
      let count = lingering.viewerCount
      for (const entry of entries.values())
        if (entry.kind === 'open') count += entry.open.viewers.count
      return count
    },
    info,
    required(id) {
      const entry = entries.get(id)
      if (!entry) throw new ServerError('SESSION_NOT_FOUND', `session ${id} not found`)
      return entry
    },
    attach(id, epoch) {
      const entry = entries.get(id)
      if (entry?.kind === 'open') return { kind: 'found', open: entry.open }
      if (entry) return { kind: 'unreachable', reason: entry.reason }
      const past = lingering.find(id, epoch)
      return past ? { kind: 'found', open: past } : { kind: 'missing' }
    },
    enter,
    enterUnreachable(entry) {
      forget(entries.get(entry.record.id))
      entries.set(entry.record.id, { kind: 'unreachable', ...entry })
    },
    update(entry, record) {
      writeSessionFile(dataDir, record)
      if (entry.kind === 'open') entry.open.record = record
      else entry.record = record
    },
    left,
    take(open) {
      const { id } = open.record
      lingering.delete(open)
      const listed = entries.delete(id)
      bury(open)
      if (listed) events.publish({ type: 'session.removed', id, reason: 'deleted' })
    },
    erase,
    letGo() {
      closed = true
      for (const entry of entries.values()) {
        if (entry.kind === 'unreachable') entry.log?.close()
        else entry.open.close()
      }
      entries.clear()
      lingering.letGo()
      runtime.close()
    },
  }
}
