import {
  closeSync,
  fchmodSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { CliError } from '../cli-error.ts'
import { printable } from '../render/printable.ts'

/** A log longer than this is put aside as `server.log.1` before a server starts, in bytes. */
const LONG_LOG_BYTES = 10 * 1024 * 1024
/** How much of a log tells why a start failed, in lines. */
const LAST_LINES = 10

/** Where a server in the background writes what it says. */
export interface ServerLog {
  readonly path: string
  /** For the server, to append to. */
  readonly fd: number
  /** The last lines since it was opened, without the password that a first start tells. */
  lastLines(): readonly string[]
  close(): void
}

export function serverLogPath(stateDir: string): string {
  return join(stateDir, 'server.log')
}

/** @throws CliError `BAD_FILE`. */
export function openServerLog(stateDir: string): ServerLog {
  const path = serverLogPath(stateDir)
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    if (sizeOf(path) > LONG_LOG_BYTES) renameSync(path, `${path}.1`)
    const before = sizeOf(path)
    const fd = openSync(path, 'a', 0o600)
    // Also one that was there before, with another mode.
    fchmodSync(fd, 0o600)
    return {
      path,
      fd,
      lastLines: () =>
        readFileSync(path)
          .subarray(before)
          .toString()
          .split('\n')
          .filter((line) => line !== '' && !line.startsWith('Password: '))
          .slice(-LAST_LINES)
          .map(printable),
      close: () => closeSync(fd),
    }
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new CliError('BAD_FILE', `cannot write ${path}: ${why}`, { cause })
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}
