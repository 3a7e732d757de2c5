import { execFileSync } from 'node:child_process'
import { closeSync, openSync, readdirSync, readFileSync, readlinkSync, readSync } from 'node:fs'
import { hostname } from 'node:os'
import process from 'node:process'
import type { ProcessReaders } from '@conductor/process-identity'

/** Everything that trees ask the system. Tests bring a machine of their own. */
export interface TreeReaders extends ProcessReaders {
  /** The names in a folder. @throws the system's error */
  list(path: string): string[]
}

/** A command that has not answered by now says nothing, in milliseconds. */
const RUN_TIMEOUT_MS = 5_000

/** Nearly every file of `/proc` that is read here fits; a scan reads hundreds of them. */
const scratch = Buffer.allocUnsafe(16 * 1_024)

/** One read where `readFileSync` takes two, and asks for the size, which is 0 in `/proc`. */
function readSmall(path: string): string {
  const fd = openSync(path, 'r')
  let length: number
  try {
    length = readSync(fd, scratch, 0, scratch.length, 0)
  } finally {
    closeSync(fd)
  }
  return length < scratch.length ? scratch.toString('utf8', 0, length) : readFileSync(path, 'utf8')
}

/** The machine we run on. */
export const systemTreeReaders: TreeReaders = {
  platform: process.platform,
  pid: process.pid,
  hostname,
  list: (path) => readdirSync(path),
  readText: readSmall,
  readLink: (path) => readlinkSync(path),
  run: (command, args) =>
    execFileSync(command, args, {
      encoding: 'utf8',
      timeout: RUN_TIMEOUT_MS,
      stdio: ['ignore', 'pipe', 'ignore'],
      // `ps` writes dates: in one language and one zone they compare as text.
      env: { PATH: '/usr/bin:/bin:/usr/sbin:/sbin', LC_ALL: 'C', TZ: 'UTC' },
    }).trim(),
  kill: (pid, signal) => void process.kill(pid, signal),
}

/** What `read` returns, or `undefined` where the system refuses. */
export function attempt<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}

/**
 * Now, in the unit of Linux start times: ticks since the boot, rounded up. `undefined` elsewhere.
 *
 * @see https://man7.org/linux/man-pages/man5/proc_uptime.5.html The kernel shows 100 ticks a second to everybody.
 */
export function ticksNow(
  readers: Pick<TreeReaders, 'readText'> = systemTreeReaders,
): number | undefined {
  const uptime = attempt(() => Number(readers.readText('/proc/uptime').split(' ')[0]))
  return uptime === undefined ? undefined : Math.ceil(uptime * 100)
}
