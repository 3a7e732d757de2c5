import { readdirSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Who works in a folder or below it: by the current folder, which a daemon that leaves its group,
 * its session and its environment behind still has. Zombies have none.
 */
export function processesIn(folder: string): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && pid !== process.pid)
    .filter((pid) => {
      try {
        // Of a folder that was removed, the link ends with ` (deleted)`.
        return `${readlinkSync(join('/proc', `${pid}`, 'cwd'))}/`.startsWith(`${folder}/`)
      } catch {
        return false
      }
    })
}

/** Signals those who are there; who is gone meanwhile does not mind. */
export function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal)
    } catch {
      // It has just ended.
    }
  }
}
