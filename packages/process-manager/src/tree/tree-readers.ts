import { readdirSync } from 'node:fs'
import { type ProcessReaders, systemReaders } from '@conductor/process-identity'

/** Everything that trees ask the system. Tests bring a machine of their own. */
export interface TreeReaders extends ProcessReaders {
  /** The names in a folder. @throws the system's error */
  list(path: string): string[]
}

/** The machine we run on. */
export const systemTreeReaders: TreeReaders = {
  ...systemReaders,
  list: (path) => readdirSync(path),
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
