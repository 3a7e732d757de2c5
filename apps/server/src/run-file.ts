import { mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import {
  type Claim,
  claimPidfile,
  claimRunFile as claimRun,
  isPidfileError,
} from '@conductor/pidfile'
import { ServerError } from './server-error.ts'

/** What `<STATE_DIR>/running.json` tells other programs about the server that runs here, beside pid and identity. */
export interface RunFile {
  /** 0 until the server listens. */
  readonly port: number
  /** Empty until the server listens. */
  readonly url: string
  /** ISO 8601, UTC. */
  readonly startedAt: string
  /** `app`: ends with the app that started it; `persistent`: stays. Absent: started by hand. */
  readonly owner?: 'app' | 'persistent' | undefined
}

/** A file that names this process, and that no second server takes while this one lives. */
export interface OwnFile {
  /** Replaces what it says. @throws ServerError `HELD` when it is no longer ours. */
  update(data: RunFile): void
  /** Removes it, if it is still ours. Calling it twice is fine. */
  release(): void
}

/** @throws ServerError `HELD` when another server runs on this state folder. */
export function claimRunFile(stateDir: string, first: RunFile): Promise<OwnFile> {
  const path = join(stateDir, 'running.json')
  return own(path, () => claimRun(path, { ...first }, { mode: 0o600, trustFolder: true }))
}

/**
 * The PID file of `AI_CONDUCTOR_PID_FILE`: the bare pid on the first line, as every script expects,
 * and the identity on the second.
 *
 * @throws ServerError `HELD` when its holder lives; `UNREADABLE` when it is something else.
 */
export function claimPidFile(path: string): Promise<Pick<OwnFile, 'release'>> {
  // The operator chose the folder, and `umask 002` makes it writable for a group of one.
  return own(path, () => claimPidfile(path, { mode: 0o600, trustFolder: true }))
}

async function own(path: string, claim: () => Promise<Claim>): Promise<OwnFile> {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    const claimed = await claim()
    return {
      update: (data) => translate(path, () => claimed.update({ ...data })),
      release: () => void claimed.release(),
    }
  } catch (error) {
    throw inOurWords(path, error)
  }
}

function translate(path: string, action: () => void): void {
  try {
    action()
  } catch (error) {
    throw isPidfileError(error, 'NOT_OURS')
      ? new ServerError('HELD', `${path} was taken by another process`, { cause: error })
      : error
  }
}

function inOurWords(path: string, error: unknown): unknown {
  if (!isPidfileError(error)) return error
  if (error.code !== 'HELD')
    return new ServerError(
      'UNREADABLE',
      `${error.message.replace(/^\[[^\]]*\] /, '')}; remove it or choose another path`,
      { cause: error },
    )
  const { holder } = error
  const who = holder ? `pid ${holder.pid} holds ${path}` : `somebody holds ${path}`
  const doubt = holder?.state === 'unknown' ? ' (as far as can be told)' : ''
  return new ServerError('HELD', `already running: ${who}${doubt}`, { cause: error })
}
