import { readdirSync, readFileSync } from 'node:fs'

// What Linux tells about a process. Each throws when there is no such process.

/** `getconf CLK_TCK`, the same on every Linux that Node runs on, per second. */
const TICKS_PER_SECOND = 100

const MIB = 1024 * 1024

function statFields(pid: number): string[] {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // The name, in parentheses, may hold anything.
  return text.slice(text.lastIndexOf(')') + 2).split(' ')
}

/** User and system time of all threads of all these processes, in seconds. */
export function cpuSeconds(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => {
    const fields = statFields(pid)
    return sum + (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
  }, 0)
}

export function parentOf(pid: number): number {
  return Number(statFields(pid)[1])
}

export interface MemoryUse {
  readonly rssMib: number
  /** Pages shared with other processes are split among them. */
  readonly pssMib: number
}

export function memoryOf(pid: number): MemoryUse {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
  const of = (name: string) =>
    (Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1]) * 1024) / MIB
  return { rssMib: of('Rss'), pssMib: of('Pss') }
}

/** Cheaper than {@link memoryOf}: for sampling while a measurement runs. */
export function rssMib(pid: number): number {
  const text = readFileSync(`/proc/${pid}/status`, 'utf8')
  return (Number(/^VmRSS:\s+(\d+) kB$/m.exec(text)?.[1]) * 1024) / MIB
}

/** Every process that was started with this variable. */
export function processesWith(variable: string): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => {
      if (!(pid > 0)) return false
      try {
        return readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0').includes(variable)
      } catch {
        return false
      }
    })
}

/** User and system time of the children that have ended and were waited for, in seconds. */
export function childCpuSeconds(pid: number): number {
  const fields = statFields(pid)
  return (Number(fields[13]) + Number(fields[14])) / TICKS_PER_SECOND
}

export function childrenOf(pid: number): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((each) => {
      try {
        return each > 0 && parentOf(each) === pid
      } catch {
        return false
      }
    })
}
