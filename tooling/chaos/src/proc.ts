import { readdirSync, readFileSync } from 'node:fs'

// What Linux tells about a process. Each throws when there is no such process.

/** `getconf CLK_TCK`, the same on every Linux that Node runs on, per second. */
const TICKS_PER_SECOND = 100

export interface ProcessStat {
  readonly state: string
  readonly parentPid: number
  readonly groupId: number
  readonly sessionId: number
  /** User and system time of all its threads, in milliseconds. */
  readonly cpuMs: number
}

export function readStat(pid: number): ProcessStat {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // The name, in parentheses, may hold anything.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const [state = '', parentPid, groupId, sessionId] = fields
  const ticks = Number(fields[11]) + Number(fields[12])
  return {
    state,
    parentPid: Number(parentPid),
    groupId: Number(groupId),
    sessionId: Number(sessionId),
    cpuMs: (ticks * 1000) / TICKS_PER_SECOND,
  }
}

/** Resident memory that is the process's own, without files that are mapped, in bytes. */
export function ownMemoryBytes(pid: number): number {
  const kilobytes = /^RssAnon:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Number(kilobytes) * 1024
}

export function openFiles(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length
}

/** Neither gone nor a zombie. */
export function isRunning(pid: number): boolean {
  try {
    return readStat(pid).state !== 'Z'
  } catch {
    return false
  }
}

/** Every process that was started with this variable. */
export function processesWith(variable: string): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && pid !== process.pid)
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0').includes(variable)
      } catch {
        return false
      }
    })
}
