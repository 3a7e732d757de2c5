import type { Clock } from '@conductor/machine'
import type { LogReader, PtySession, SessionEvent, Viewers } from '@conductor/pty-session'
import { isPtySessionError } from '@conductor/pty-session'
import type { EventLog } from '../event-log.ts'
import { asShortage, ServerError } from '../server-error.ts'
import { adoptSessions } from './adopt-sessions.ts'
import { endLeftovers } from './leftovers.ts'
import { createLingering } from './lingering.ts'
import { checkName, type SessionDefaults, type SessionRequest } from './new-session.ts'
import { createOpenSession, type OpenSession } from './open-session.ts'
import { removeSessionFiles, type SessionRecord, writeSessionFile } from './session-file.ts'
import { describeSession, type SessionInfo } from './session-info.ts'
import type { SessionRuntime } from './session-runtime.ts'
import { startSession } from './start-session.ts'

/** How long a deleted session's viewers may take to read its last words, in milliseconds. */
const LAST_WORDS_MS = 1_000

export interface SessionDirectoryOptions {
  readonly dataDir: string
  readonly historyBytes: number
  readonly defaults: SessionDefaults
  readonly runtime: SessionRuntime
  readonly createViewers: (session: PtySession) => Viewers
  readonly events: EventLog
  readonly clock: Clock
  /** How long the log of an exited session waits for viewers that come back (default: 60,000). */
  readonly lingerMs?: number | undefined
  readonly onTrouble: (trouble: string, error: unknown) => void
}

export type AttachTarget =
  | { readonly kind: 'found'; readonly open: OpenSession }
  | { readonly kind: 'missing' }
  | { readonly kind: 'unreachable'; readonly reason: string }

/** Every session of this server: made, found again, listed, named and removed here. */
export interface SessionDirectory {
  /** Oldest first. */
  list(): SessionInfo[]
  get(id: string): SessionInfo | undefined
  /** @throws ServerError `BAD_FIELD`, `SPAWN_FAILED`, `SHUTTING_DOWN`, or a shortage. */
  create(request: SessionRequest): Promise<SessionInfo>
  /** @throws ServerError `SESSION_NOT_FOUND`, `BAD_FIELD`. */
  rename(id: string, name: string): SessionInfo
  /** Ends every process of the session, tells its viewers, and removes its files. @throws ServerError */
  remove(id: string): Promise<void>
  /** An ended session is found only by those who know its `epoch`, and only for a while. */
  attach(id: string, epoch: string): AttachTarget
  logOf(id: string): LogReader | undefined
  /** Finds the sessions of earlier servers. One that gives trouble never holds up another. */
  adopt(): Promise<void>
  readonly viewerCount: number
  /** From now on nothing is created. */
  refuseNew(): void
  /** Ends the sessions that live in this process and so cannot outlive it. */
  endServerSessions(graceMs: number): Promise<void>
  /** Ends every session, and removes its files. For `AI_CONDUCTOR_ON_SHUTDOWN=close` alone. */
  endAllSessions(graceMs: number): Promise<void>
  /** Lets go of every session. Ends nothing. */
  letGo(): void
}

/** A session whose host does not answer. */
interface Unreachable {
  readonly kind: 'unreachable'
  record: SessionRecord
  readonly reason: string
  readonly log: LogReader | undefined
}

type Entry = { readonly kind: 'open'; readonly open: OpenSession } | Unreachable

export function createSessionDirectory(options: SessionDirectoryOptions): SessionDirectory {
  const { dataDir, runtime, createViewers, events, clock, onTrouble } = options
  const entries = new Map<string, Entry>()
  const removals = new Map<string, Promise<void>>()
  const lingering = createLingering({ clock, lingerMs: options.lingerMs ?? 60_000, bury })
  let newestMs = 0
  let closing = false

  function info(entry: Entry): SessionInfo {
    if (entry.kind === 'unreachable')
      return describeSession(entry.record, { name: 'unreachable', reason: entry.reason })
    const { record, session, viewers } = entry.open
    return describeSession(record, session.state, session, viewers.count)
  }

  /** Later ones have later dates, so that the list keeps its order over a restart. */
  function nextDate(): string {
    newestMs = Math.max(clock.date(), newestMs + 1)
    return new Date(newestMs).toISOString()
  }

  function opened(record: SessionRecord, session: PtySession): OpenSession {
    const open = createOpenSession({ record, session, createViewers, clock })
    entries.set(record.id, { kind: 'open', open })
    session.subscribe((event) => onEvent(open, event))
    return open
  }

  function onEvent(open: OpenSession, event: SessionEvent): void {
    if (event.type !== 'state' || closing) return
    if (event.state.name === 'exited') left(open)
    else events.publish({ type: 'session.state', session: info({ kind: 'open', open }) })
  }

  /** The program has exited: off the list at once, while viewers read on to the end. */
  function left(open: OpenSession): void {
    const { id } = open.record
    const { state } = open.session
    if (!entries.delete(id) || state.name !== 'exited') return
    lingering.add(open)
    events.publish({ type: 'session.exited', id, exit: state.exit })
    events.publish({ type: 'session.removed', id, reason: removals.has(id) ? 'deleted' : 'exited' })
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

  function required(id: string): Entry {
    const entry = entries.get(id)
    if (!entry) throw new ServerError('SESSION_NOT_FOUND', `session ${id} not found`)
    return entry
  }

  async function create(request: SessionRequest): Promise<SessionInfo> {
    if (closing) throw new ServerError('SHUTTING_DOWN', 'the server is shutting down')
    const { record, session } = await startSession({ ...options, request, createdAt: nextDate() })
    return welcome(record, session)
  }

  function welcome(record: SessionRecord, session: PtySession): SessionInfo {
    const open = opened(record, session)
    const described = info({ kind: 'open', open })
    events.publish({ type: 'session.created', session: described })
    // A quick program may be gone already.
    if (session.state.name === 'exited') left(open)
    return described
  }

  function rename(id: string, name: string): SessionInfo {
    const entry = required(id)
    checkName(name)
    const holder = entry.kind === 'open' ? entry.open : entry
    const record = { ...holder.record, name }
    try {
      writeSessionFile(dataDir, record)
    } catch (error) {
      throw asShortage(error) ?? error
    }
    holder.record = record
    const session = info(entry)
    events.publish({ type: 'session.renamed', session })
    return session
  }

  function remove(id: string): Promise<void> {
    const running = removals.get(id)
    if (running) return running
    const entry = required(id)
    const removal = Promise.resolve()
      .then(() => end(entry))
      .finally(() => removals.delete(id))
    removals.set(id, removal)
    return removal
  }

  async function end(entry: Entry, graceMs?: number): Promise<void> {
    if (entry.kind === 'unreachable') throw unreachable(entry.record.id, entry.reason)
    const { open } = entry
    const { id } = open.record
    try {
      await open.session.end({ graceMs })
    } catch (error) {
      if (isPtySessionError(error, 'HOST_UNREACHABLE') || isPtySessionError(error, 'UNREACHABLE'))
        throw unreachable(id, error.message)
      if (!isPtySessionError(error, 'ENDED')) throw error
    }
    if (open.session.state.name === 'lost') endLeftovers(open.record)
    await open.whenEmpty(LAST_WORDS_MS)
    lingering.delete(open)
    const listed = entries.delete(id)
    bury(open)
    if (listed) events.publish({ type: 'session.removed', id, reason: 'deleted' })
  }

  function attach(id: string, epoch: string): AttachTarget {
    const entry = entries.get(id)
    if (entry?.kind === 'open') return { kind: 'found', open: entry.open }
    if (entry) return { kind: 'unreachable', reason: entry.reason }
    const past = lingering.find(id, epoch)
    return past ? { kind: 'found', open: past } : { kind: 'missing' }
  }

  const adoption = adoptSessions({
    dataDir,
    runtime,
    clock,
    onTrouble,
    onAdopted(record, adopted) {
      const { id } = record
      if (closing) return
      newestMs = Math.max(newestMs, Date.parse(record.createdAt) || 0)
      if (adopted.kind === 'unborn') return erase(id)
      if (adopted.kind === 'unreachable') {
        const { reason, log } = adopted
        entries.set(id, { kind: 'unreachable', record, reason, log })
        return
      }
      const before = entries.get(id)
      if (before?.kind === 'unreachable') before.log?.close()
      const open = opened(before?.kind === 'unreachable' ? before.record : record, adopted.session)
      if (open.session.state.name === 'exited') left(open)
      else if (before)
        events.publish({ type: 'session.state', session: info({ kind: 'open', open }) })
    },
  })

  async function endEvery(graceMs: number, which: (open: OpenSession) => boolean): Promise<void> {
    const open = [...entries.values()].filter((each) => each.kind === 'open' && which(each.open))
    const endings = await Promise.allSettled(open.map((entry) => end(entry, graceMs)))
    for (const ending of endings)
      if (ending.status === 'rejected') onTrouble('a session could not be ended', ending.reason)
  }

  return {
    list: () =>
      [...entries.values()].map(info).sort((a, b) => (a.createdAt < b.createdAt ? -1 : 1)),
    get(id) {
      const entry = entries.get(id)
      return entry && info(entry)
    },
    create,
    rename,
    remove,
    attach,
    logOf(id) {
      const entry = entries.get(id)
      return entry?.kind === 'open' ? entry.open.session.log : entry?.log
    },
    adopt: adoption.start,
    get viewerCount() {
      let count = lingering.viewerCount
      for (const entry of entries.values())
        if (entry.kind === 'open') count += entry.open.viewers.count
      return count
    },
    refuseNew() {
      closing = true
    },
    endServerSessions: (graceMs) =>
      endEvery(graceMs, ({ record }) => record.durability === 'server'),
    endAllSessions: (graceMs) => endEvery(graceMs, () => true),
    letGo() {
      closing = true
      adoption.stop()
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

function unreachable(id: string, reason: string): ServerError {
  return new ServerError(
    'SESSION_UNREACHABLE',
    `the host of session ${id} does not answer: ${reason}`,
  )
}
