import { isPtySessionError, type LogReader } from '@conductor/pty-session'
import type { AgentTable } from '../agents/agent-table.ts'
import { createLaunches } from '../agents/launches.ts'
import { asShortage, ServerError } from '../server-error.ts'
import { adoptSessions } from './adopt-sessions.ts'
import { createFoundSessions } from './found-sessions.ts'
import { endLeftovers } from './leftovers.ts'
import { checkName, type SessionRequest } from './new-session.ts'
import type { OpenSession } from './open-session.ts'
import { createOwedPrompts } from './owed-prompts.ts'
import { createRestorer } from './restorer.ts'
import type { SessionDefaults } from './session-environment.ts'
import { logPaths, type SessionRecord, sessionPaths } from './session-file.ts'
import type { SessionInfo } from './session-info.ts'
import {
  type AttachTarget,
  createSessionRegistry,
  type Entry,
  type RegistryOptions,
} from './session-registry.ts'
import { type StartedSession, type StartOptions, startSession } from './start-session.ts'

export type { AttachTarget } from './session-registry.ts'

/** How long a deleted session's viewers may take to read its last words, in milliseconds. */
const LAST_WORDS_MS = 1_000

export interface SessionDirectoryOptions
  extends Omit<RegistryOptions, 'onExit'>,
    Pick<StartOptions, 'prepare'> {
  readonly historyBytes: number
  readonly defaults: SessionDefaults
  readonly agents: AgentTable
}

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
  /**
   * Starts a session again that ended with its host.
   *
   * @throws ServerError `SESSION_NOT_FOUND`; `SESSION_NOT_RESTORABLE` when it runs, or nobody can tell;
   * `SESSION_NOT_RESUMABLE`; `SHUTTING_DOWN`; a shortage.
   */
  restore(id: string): Promise<SessionInfo>
  /** An ended session is found only by those who know its `epoch`, and only for a while. */
  attach(id: string, epoch: string): AttachTarget
  logOf(id: string): LogReader | undefined
  /** The folders of its logs, of all its programs, oldest first. */
  logFoldersOf(id: string): readonly string[] | undefined
  /** Where all that belongs to it lies. @throws ServerError `SESSION_NOT_FOUND`. */
  folderOf(id: string): string
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

export function createSessionDirectory(options: SessionDirectoryOptions): SessionDirectory {
  const { events, clock, onTrouble, agents: table } = options
  const launches = createLaunches({ ...options, table })
  const removals = new Map<string, Promise<void>>()
  let newestMs = 0
  let closing = false

  const registry = createSessionRegistry({
    ...options,
    onExit(open) {
      if (removals.has(open.record.id)) return 'deleted'
      return !closing && restorer.refused(open) ? 'stays' : 'exited'
    },
  })
  const prompts = createOwedPrompts({ registry, launches, clock, onTrouble })
  const restorer = createRestorer({
    ...options,
    registry,
    launches,
    now: () => new Date(clock.date()).toISOString(),
    onRestored(started) {
      const open = registry.enter(started.record, started.session)
      const session = registry.info({ kind: 'open', open })
      events.publish({ type: 'session.state', session })
      settle(open)
      return open
    },
  })

  /** Later ones have later dates, so that the list keeps its order over a restart. */
  function nextDate(): string {
    newestMs = Math.max(clock.date(), newestMs + 1)
    return new Date(newestMs).toISOString()
  }

  function refuseWhenClosing(): void {
    if (closing) throw new ServerError('SHUTTING_DOWN', 'the server is shutting down')
  }

  async function create(request: SessionRequest): Promise<SessionInfo> {
    refuseWhenClosing()
    return welcome(await startSession({ ...options, launches, request, createdAt: nextDate() }))
  }

  function welcome({ record, session }: StartedSession): SessionInfo {
    const open = registry.enter(record, session)
    const described = registry.info({ kind: 'open', open })
    events.publish({ type: 'session.created', session: described })
    settle(open)
    return described
  }

  /** Its prompt is typed; and a quick program may be gone already. */
  function settle(open: OpenSession): void {
    if (open.session.state.name === 'exited') registry.left(open)
    else prompts.type(open)
  }

  function rename(id: string, name: string): SessionInfo {
    const entry = registry.required(id)
    checkName(name)
    const { record } = entry.kind === 'open' ? entry.open : entry
    try {
      registry.update(entry, { ...record, name })
    } catch (error) {
      throw asShortage(error) ?? error
    }
    const session = registry.info(entry)
    events.publish({ type: 'session.renamed', session })
    return session
  }

  function remove(id: string): Promise<void> {
    const running = removals.get(id)
    if (running) return running
    registry.required(id)
    const removal = restorer
      .settled(id)
      .then(() => end(registry.required(id)))
      .finally(() => removals.delete(id))
    removals.set(id, removal)
    return removal
  }

  async function end(entry: Entry, graceMs?: number): Promise<void> {
    if (entry.kind === 'unreachable') throw unreachable(entry.record.id, entry.reason)
    const { open } = entry
    const { record } = open
    // Whatever becomes of this server: one that somebody removes does not come back.
    tryUpdate(entry, { ...record, isUnwanted: true })
    try {
      await open.session.end({ graceMs })
    } catch (error) {
      if (isPtySessionError(error, 'HOST_UNREACHABLE') || isPtySessionError(error, 'UNREACHABLE')) {
        tryUpdate(entry, record)
        throw unreachable(record.id, error.message)
      }
      if (!isPtySessionError(error, 'ENDED')) throw error
    }
    if (open.session.state.name === 'lost') endLeftovers(record)
    await open.whenEmpty(LAST_WORDS_MS)
    registry.take(open)
  }

  function tryUpdate(entry: Entry, record: SessionRecord): void {
    try {
      registry.update(entry, record)
    } catch (error) {
      onTrouble(`the file of session ${record.id} cannot be written`, error)
    }
  }

  const found = createFoundSessions({
    registry,
    restorer,
    events,
    isClosing: () => closing,
    prompts,
    remove,
    onTrouble,
  })
  const adoption = adoptSessions({
    ...options,
    onAdopted(record, adopted) {
      newestMs = Math.max(newestMs, Date.parse(record.createdAt) || 0)
      return found.enter(record, adopted)
    },
  })

  async function endEvery(graceMs: number, which: (open: OpenSession) => boolean): Promise<void> {
    const open = [...registry.entries.values()].filter(
      (each) => each.kind === 'open' && which(each.open),
    )
    const endings = await Promise.allSettled(open.map((entry) => end(entry, graceMs)))
    for (const ending of endings)
      if (ending.status === 'rejected') onTrouble('a session could not be ended', ending.reason)
  }

  function infoOf(id: string): SessionInfo | undefined {
    const entry = registry.entries.get(id)
    return entry && registry.info(entry)
  }

  return {
    list: () =>
      [...registry.entries.values()]
        .map(registry.info)
        .sort((a, b) => (a.createdAt < b.createdAt ? -1 : 1)),
    get: infoOf,
    create,
    rename,
    remove,
    async restore(id) {
      refuseWhenClosing()
      if (removals.has(id))
        throw new ServerError('SESSION_NOT_FOUND', `session ${id} is being removed`)
      await restorer.restore(id)
      return registry.info(registry.required(id))
    },
    attach: registry.attach,
    logOf(id) {
      const entry = registry.entries.get(id)
      return entry?.kind === 'open' ? entry.open.session.log : entry?.log
    },
    logFoldersOf(id) {
      const entry = registry.entries.get(id)
      if (!entry) return undefined
      const { earlier, current } = logPaths(
        options.dataDir,
        (entry.kind === 'open' ? entry.open : entry).record,
      )
      return [...earlier, current]
    },
    folderOf(id) {
      registry.required(id)
      return sessionPaths(options.dataDir, id).dir
    },
    adopt: adoption.start,
    get viewerCount() {
      return registry.viewerCount
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
      prompts.stop()
      registry.letGo()
    },
  }
}

function unreachable(id: string, reason: string): ServerError {
  return new ServerError(
    'SESSION_UNREACHABLE',
    `the host of session ${id} does not answer: ${reason}`,
  )
}
