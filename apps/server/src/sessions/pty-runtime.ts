import { randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { processState } from '@conductor/process-identity'
import {
  connectSessionHost,
  createPtySession,
  isPtySessionError,
  type LogFollower,
  type LogReader,
  listSessionHosts,
  openLogReader,
  type SessionHost,
  spawnSessionHost,
  tmuxSocketPath,
} from '@conductor/pty-session'
import { chainLogs, withHistory } from './chained-log.ts'
import { createEndedSession } from './ended-session.ts'
import { logPaths, type SessionRecord, sessionPaths } from './session-file.ts'
import type { Adopted, SessionRuntime } from './session-runtime.ts'

export interface PtyRuntimeOptions {
  readonly dataDir: string
  readonly stateDir: string
  /** How many sessions share a host; 1 gives each its own, in its own folder. */
  readonly sessionsPerHost: number
}

interface Hosting {
  readonly dir: string
  readonly host: Promise<SessionHost>
  /** Once it is known. In tmux, a dead host is replaced. */
  made: SessionHost | undefined
  /** The sessions in there, as far as this server cares. */
  readonly ids: Set<string>
}

/** Real programs: in detached hosts that outlive this process, or in this process. */
export function createPtyRuntime(options: PtyRuntimeOptions): SessionRuntime {
  const { dataDir, stateDir, sessionsPerHost } = options
  const shared = sessionsPerHost > 1
  const hostsDir = join(stateDir, 'hosts')
  const hostings = new Map<string, Hosting>()
  // What a shared host leaves when it has ended; the logs of its sessions lie elsewhere.
  for (const { dir, life } of listSessionHosts(hostsDir))
    if (life === 'dead') rmSync(dir, { recursive: true, force: true })

  function hosting(dir: string, id: string, open: () => Promise<SessionHost>): Hosting {
    const known = hostings.get(dir)
    if (known && !isDead(known)) {
      known.ids.add(id)
      return known
    }
    const made: Hosting = { dir, host: open(), made: undefined, ids: new Set([id]) }
    hostings.set(dir, made)
    made.host.then(
      (host) => {
        made.made = host
      },
      // One that could not be reached must not stand in the way of the next try.
      () => {
        if (hostings.get(dir) === made) hostings.delete(dir)
      },
    )
    return made
  }

  function forget(id: string): void {
    for (const { dir, ids, host } of hostings.values()) {
      if (!ids.delete(id) || ids.size > 0) continue
      hostings.delete(dir)
      host.then((each) => each.close()).catch(() => {})
    }
  }

  async function adoptHosted(
    record: SessionRecord,
    hostDir: string,
    withinMs: number,
  ): Promise<Adopted> {
    const { id, tmuxSocket } = record
    const { host } = hosting(hostDir, id, () =>
      connectSessionHost({ dir: hostDir, withinMs, tmuxSocket }),
    )
    try {
      const session = (await host).sessions.find((each) => each.id === id)
      if (session && session.state.name !== 'lost')
        return {
          kind: 'live',
          session: withHistory(session, openLogs(logPaths(dataDir, record).earlier)),
        }
    } catch (error) {
      forget(id)
      if (!isPtySessionError(error, 'HOST_DEAD')) {
        return { kind: 'unreachable', reason: messageOf(error), log: readLog(record) }
      }
    }
    // The host is dead, or lives on with other sessions: this one has ended.
    forget(id)
    return adoptEnded(record)
  }

  /** What is left of each; one that never came to be is left out. */
  function openLogs(dirs: readonly string[]): LogFollower[] {
    return dirs.flatMap((dir) => {
      try {
        return openLogReader(dir)
      } catch (error) {
        if (isPtySessionError(error, 'LOG_CORRUPT')) return []
        throw error
      }
    })
  }

  function readLog(record: SessionRecord): LogReader | undefined {
    const { earlier, current } = logPaths(dataDir, record)
    const logs = openLogs([...earlier, current])
    const last = logs.pop()
    return last && chainLogs(logs, last)
  }

  function adoptEnded(record: SessionRecord): Adopted {
    const { earlier, current } = logPaths(dataDir, record)
    const [last] = openLogs([current])
    if (!last) {
      // A first program that never ran was never told of; a later one leaves what was before it.
      const log = readLog(record)
      if (!log) return { kind: 'unborn' }
      const state = { name: 'lost', reason: 'it was being restored when the server ended' } as const
      return { kind: 'ended', session: createEndedSession({ record, log, state }) }
    }
    const log = chainLogs(openLogs(earlier), last)
    const { exit } = last.examine()
    const state = exit
      ? ({ name: 'exited', exit: { ...exit, offset: log.end } } as const)
      : ({ name: 'lost', reason: 'its host ended without a word' } as const)
    return { kind: 'ended', session: createEndedSession({ record, log, state }) }
  }

  return {
    place({ id, durability, runtime }) {
      if (durability === 'server') return {}
      let dir = sessionPaths(dataDir, id).dir
      // Always a host of its own: what that must know about its tmux lies in the session's folder.
      if (runtime === 'tmux') return { hostDir: dir, tmuxSocket: tmuxSocketPath(stateDir) }
      if (shared) {
        const room = [...hostings.values()].find(
          (each) =>
            dirname(each.dir) === hostsDir && each.ids.size < sessionsPerHost && !isDead(each),
        )
        dir = room?.dir ?? join(hostsDir, randomBytes(4).toString('hex'))
        // Taken at once, so that two requests at a time do not both get the last place.
        hosting(dir, id, () => spawnSessionHost({ dir, shared }))
      }
      return { hostDir: dir }
    },
    async create(program, { hostDir, tmuxSocket }, earlier = []) {
      const open = () =>
        spawnSessionHost({
          dir: hostDir ?? '',
          shared: shared && tmuxSocket === undefined,
          tmuxSocket,
        })
      const session =
        hostDir === undefined
          ? createPtySession(program)
          : await (await hosting(hostDir, program.id, open).host).create(program)
      return withHistory(session, openLogs(earlier))
    },
    async adopt(record, withinMs) {
      const { hostDir } = record
      try {
        if (hostDir === undefined) return adoptEnded(record)
        return await adoptHosted(record, hostDir, withinMs)
      } catch (error) {
        // The log is there and cannot be read now: EMFILE, EIO. That proves nothing either.
        return { kind: 'unreachable', reason: messageOf(error), log: undefined }
      }
    },
    lifeOf: ({ identity }) => (identity ? processState(identity) : 'dead'),
    forget,
    close() {
      for (const { host } of hostings.values()) host.then((each) => each.close()).catch(() => {})
      hostings.clear()
    },
  }
}

/** Proved: what it held has ended, and nothing can be started in it. */
function isDead({ made }: Hosting): boolean {
  return made !== undefined && processState(made.identity) === 'dead'
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
