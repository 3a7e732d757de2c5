import { readFileSync } from 'node:fs'

/** Whether somebody who lives has this pid; a zombie does not. Only for pids that a test has made itself. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    if (process.platform !== 'linux') return true
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}
