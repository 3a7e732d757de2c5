import { randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import {
  connectSessionHost,
  createPtySession,
  isPtySessionError,
  listSessionHosts,
  openLogReader,
  type SessionHost,
  spawnSessionHost,
} from '@conductor/pty-session'
import { createEndedSession } from './ended-session.ts'
import { type SessionRecord, sessionPaths } from './session-file.ts'
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
    if (known) {
      known.ids.add(id)
      return known
    }
    const made: Hosting = { dir, host: open(), ids: new Set([id]) }
    hostings.set(dir, made)
    // One that could not be reached must not stand in the way of the next try.
    made.host.catch(() => {
      if (hostings.get(dir) === made) hostings.delete(dir)
    })
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
    const { id } = record
    const { host } = hosting(hostDir, id, () => connectSessionHost({ dir: hostDir, withinMs }))
    try {
      const session = (await host).sessions.find((each) => each.id === id)
      if (session) return { kind: 'live', session }
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

  function readLog({ id }: SessionRecord): ReturnType<typeof openLogReader> | undefined {
    try {
      return openLogReader(sessionPaths(dataDir, id).logDir)
    } catch (error) {
      if (isPtySessionError(error, 'LOG_CORRUPT')) return undefined
      throw error
    }
  }

  function adoptEnded(record: SessionRecord): Adopted {
    const log = readLog(record)
    if (!log) return { kind: 'unborn' }
    const { exit, end } = log.examine()
    const state = exit
      ? ({ name: 'exited', exit: { ...exit, offset: end } } as const)
      : ({ name: 'lost', reason: 'its host ended without a word' } as const)
    return { kind: 'ended', session: createEndedSession({ record, log, state }) }
  }

  return {
    place(id, durability) {
      if (durability === 'server') return undefined
      let dir = sessionPaths(dataDir, id).dir
      if (shared) {
        const room = [...hostings.values()].find(({ ids }) => ids.size < sessionsPerHost)
        dir = room?.dir ?? join(hostsDir, randomBytes(4).toString('hex'))
        // Taken at once, so that two requests at a time do not both get the last place.
        hosting(dir, id, () => spawnSessionHost({ dir, shared }))
      }
      return dir
    },
    async create(program, hostDir) {
      if (hostDir === undefined) return createPtySession(program)
      const open = () => spawnSessionHost({ dir: hostDir, shared })
      return (await hosting(hostDir, program.id, open).host).create(program)
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
    forget,
    close() {
      for (const { host } of hostings.values()) host.then((each) => each.close()).catch(() => {})
      hostings.clear()
    },
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
