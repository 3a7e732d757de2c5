import { join } from 'node:path'
import { isProcessIdentity, type ProcessIdentity } from '@conductor/process-identity'
import { claimFile, type Holder, type OwnedFile } from './owned-file.ts'

/** What `<STATE_DIR>/running.json` tells other programs about the server that runs here. */
export interface RunFile {
  readonly pid: number
  /** 0 until the server listens. */
  readonly port: number
  /** Empty until the server listens. */
  readonly url: string
  /** ISO 8601, UTC. */
  readonly startedAt: string
  /** `app`: ends with the app that started it; `persistent`: stays. Absent: started by hand. */
  readonly owner?: 'app' | 'persistent' | undefined
  /** A living pid alone proves nothing. */
  readonly identity: ProcessIdentity
}

/** @throws ServerError `HELD` when another server runs on this state folder. */
export function claimRunFile(stateDir: string, first: RunFile): OwnedFile {
  return claimFile({
    path: join(stateDir, 'running.json'),
    text: runFileText(first),
    holderOf: holderOfRunFile,
    what: 'run-file',
  })
}

export function runFileText(content: RunFile): string {
  return `${JSON.stringify(content, null, 2)}\n`
}

/**
 * The PID file of `AI_CONDUCTOR_PID_FILE`: the bare pid on the first line, as every script expects,
 * and the identity on the second.
 *
 * @throws ServerError `HELD` when its holder lives; `UNREADABLE` when it is something else.
 */
export function claimPidFile(path: string, identity: ProcessIdentity): OwnedFile {
  return claimFile({
    path,
    text: `${identity.pid}\n${JSON.stringify(identity)}\n`,
    holderOf: holderOfPidFile,
    what: 'PID file',
  })
}

function holderOfRunFile(text: string): Holder | undefined {
  const value = parseJson(text)
  if (typeof value !== 'object' || value === null || !('pid' in value)) return undefined
  if (!isPid(value.pid)) return undefined
  const identity = 'identity' in value ? value.identity : undefined
  return { pid: value.pid, identity: isProcessIdentity(identity) ? identity : undefined }
}

function holderOfPidFile(text: string): Holder | undefined {
  const [first = '', second = ''] = text.split('\n')
  const pid = /^\s*\d+\s*$/.test(first) ? Number(first) : undefined
  if (!isPid(pid)) return undefined
  const identity = parseJson(second)
  return { pid, identity: isProcessIdentity(identity) ? identity : undefined }
}

function isPid(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value > 0 && value < 2 ** 31
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
