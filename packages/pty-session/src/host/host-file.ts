import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isProcessIdentity, type ProcessIdentity } from '@conductor/process-identity'
import { PtySessionError } from '../pty-session-error.ts'
import { codeOf } from './endpoint.ts'

const FILE = 'host.json'

/** What a host writes into its folder once it listens, so that any later server can find it. */
export interface HostFile {
  readonly v: 1
  /** Who the host is: its socket alone proves nothing about its life. */
  readonly identity: ProcessIdentity
  /** Where it listens. */
  readonly socket: string
  /** The versions of the host protocol that it speaks. */
  readonly protocol: { readonly min: number; readonly max: number }
  /** ISO 8601, UTC. */
  readonly startedAt: string
}

export function writeHostFile(dir: string, file: HostFile): void {
  const temporary = join(dir, `.${FILE}.${process.pid}`)
  writeFileSync(temporary, `${JSON.stringify(file, null, 2)}\n`, { mode: 0o600 })
  renameSync(temporary, join(dir, FILE))
}

/**
 * The host that `dir` belongs to, or `undefined` when none ever listened there.
 *
 * @throws PtySessionError `HOST_UNREACHABLE` when the file cannot be read or understood: that is no
 * proof that there is no host.
 */
export function readHostFile(dir: string): HostFile | undefined {
  const path = join(dir, FILE)
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'))
    if (isHostFile(value)) return value
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return undefined
    throw new PtySessionError('HOST_UNREACHABLE', `${path} cannot be read`, { cause })
  }
  throw new PtySessionError('HOST_UNREACHABLE', `${path} is not a host's file`)
}

function isHostFile(value: unknown): value is HostFile {
  if (typeof value !== 'object' || value === null) return false
  const { identity, socket } = value as Partial<HostFile>
  return isProcessIdentity(identity) && typeof socket === 'string'
}
