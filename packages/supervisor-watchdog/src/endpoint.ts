import { createHash } from 'node:crypto'
import { dirname, join, resolve } from 'node:path'
import { SupervisorWatchdogError } from './supervisor-watchdog-error.ts'

/**
 * The longest path of a unix socket, in bytes: `sun_path` has room for 108 on Linux and 104 on BSD
 * and macOS, one of them for the end. Node cuts a longer one silently and binds another file.
 */
export const MAX_SOCKET_PATH_BYTES: number = process.platform === 'linux' ? 107 : 103

/** The socket is bound under a private name before it is published: the public one, `.`, six digits in hex. */
export const PRIVATE_SUFFIX_BYTES = 7

/**
 * Where daemon and app meet: `supervise.sock` beside the run-file. On Windows a named pipe, named by
 * a hash of the full path, so that two folders of the same name do not meet each other.
 *
 * @param runFile The path of the daemon's run-file; a relative one is taken from the current folder.
 */
export function linkPath(runFile: string, platform: NodeJS.Platform = process.platform): string {
  const path = join(dirname(resolve(runFile)), 'supervise.sock')
  if (platform !== 'win32') return path
  // Windows does not tell upper from lower case in paths.
  const name = createHash('sha256').update(path.toLowerCase()).digest('hex').slice(0, 32)
  return `\\\\.\\pipe\\conductor-supervise-${name}`
}

/** Whether it is a named pipe of Windows, which is no file. */
export function isPipe(path: string): boolean {
  return /^\\\\[.?]\\pipe\\/i.test(path)
}

/** What is wrong with the length of a path, if anything. */
export function lengthTrouble(path: string): SupervisorWatchdogError | undefined {
  const bytes = Buffer.byteLength(path)
  const most = MAX_SOCKET_PATH_BYTES - PRIVATE_SUFFIX_BYTES
  if (isPipe(path) || bytes <= most) return undefined
  return new SupervisorWatchdogError(
    'PATH_TOO_LONG',
    `${path} has ${bytes} bytes, and a socket path here may have ${most}; use a shorter folder`,
  )
}

/** @throws SupervisorWatchdogError `BAD_OPTION` for what can be the place of no socket. */
export function requirePath(path: unknown): void {
  if (typeof path === 'string' && !path.includes('\0') && (isPipe(path) || resolve(path) === path))
    return
  throw new SupervisorWatchdogError(
    'BAD_OPTION',
    `path must be absolute and normal, as linkPath(runFile) gives it; it is ${JSON.stringify(path)}`,
  )
}

/** @throws SupervisorWatchdogError `BAD_OPTION` unless it is a time that a timer can wait. */
export function requireMs(name: string, value: number, leastMs: number): void {
  if (Number.isFinite(value) && value >= leastMs) return
  throw new SupervisorWatchdogError(
    'BAD_OPTION',
    `${name} must be milliseconds, at least ${leastMs}; it is ${value}`,
  )
}
