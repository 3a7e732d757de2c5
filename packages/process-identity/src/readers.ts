import { execFileSync } from 'node:child_process'
import { closeSync, openSync, readFileSync, readlinkSync, readSync } from 'node:fs'
import { hostname } from 'node:os'
import process from 'node:process'

/** Everything that this package asks the system. Tests bring a machine of their own. */
export interface ProcessReaders {
  readonly platform: NodeJS.Platform
  /** The pid of this process. */
  readonly pid: number
  hostname(): string
  /** The text of a file. @throws the system's error */
  readText(path: string): string
  /** Where a symbolic link points. @throws the system's error */
  readLink(path: string): string
  /** What a command prints, where there is no `/proc`. @throws when it cannot run or fails */
  run(command: string, args: readonly string[]): string
  /** `kill(2)`; signal 0 only asks. @throws the system's error, with its `code` */
  kill(pid: number, signal: NodeJS.Signals | 0): void
}

/** A command that has not answered by now says nothing, in milliseconds. */
const RUN_TIMEOUT_MS = 5_000

/**
 * Half a page. Of a list longer than that (the children of a process, say) the kernel may hand out a page at
 * a time, so a short answer is the whole file only below this.
 */
const scratch = Buffer.allocUnsafe(2_048)

/** One read where `readFileSync` takes two, and asks for the size, which is 0 in `/proc`. */
function readText(path: string): string {
  const fd = openSync(path, 'r')
  let length: number
  try {
    length = readSync(fd, scratch, 0, scratch.length, 0)
  } finally {
    closeSync(fd)
  }
  return length < scratch.length ? scratch.toString('utf8', 0, length) : readFileSync(path, 'utf8')
}

/** The machine we run on: the default everywhere here, and what to begin with for one that is nearly it. */
export const systemReaders: ProcessReaders = {
  platform: process.platform,
  pid: process.pid,
  hostname,
  readText,
  readLink: (path) => readlinkSync(path),
  run: (command, args) =>
    execFileSync(command, args, {
      encoding: 'utf8',
      timeout: RUN_TIMEOUT_MS,
      stdio: ['ignore', 'pipe', 'ignore'],
      windowsHide: true,
      // `ps` writes dates: in one language and one zone they compare as text.
      ...(process.platform === 'win32'
        ? {}
        : { env: { PATH: '/usr/bin:/bin:/usr/sbin:/sbin', LC_ALL: 'C', TZ: 'UTC' } }),
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
