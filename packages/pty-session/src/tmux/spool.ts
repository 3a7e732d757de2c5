import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { identifyProcess, type ProcessState } from '@conductor/process-identity'
import { codeOf } from '../host/endpoint.ts'
import { isMissing } from '../log/log-fs.ts'
import { hex } from './perl.ts'

/**
 * What lies in the folder of a spool (perl.ts writes it):
 *
 *     0000000000   the first MiB of the program's output, 0000000001 the next, …
 *     spooler      the pid of who writes
 *     end          nothing follows
 */

/** Bytes per chunk. What has been read is removed by whole chunks, one behind. */
export const CHUNK_BYTES: number = 1024 * 1024

export function chunkPath(dir: string, number: number): string {
  return join(dir, String(number).padStart(10, '0'))
}

/** The chunk that a new spooler goes on with; `undefined` when there is none. */
export function lastChunk(dir: string): number | undefined {
  const numbers = readdirSync(dir).filter((name) => /^\d{10,}$/.test(name))
  return numbers.length === 0 ? undefined : Math.max(...numbers.map(Number))
}

export function hasEnd(dir: string): boolean {
  return existsSync(join(dir, 'end'))
}

export function clearEnd(dir: string): void {
  rmSync(join(dir, 'end'), { force: true })
  rmSync(join(dir, 'spooler'), { force: true })
}

/**
 * Whether somebody writes. `unborn`: nobody has begun.
 *
 * After a while, or a reboot, the pid may be another's: on Linux it counts only with our folder in its command.
 */
export function lifeOfSpooler(dir: string): ProcessState | 'unborn' {
  const pid = readPid(dir)
  if (pid === undefined) return 'unborn'
  if (process.platform !== 'linux') return identifyProcess(pid) ? 'alive' : 'dead'
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(hex(dir)) ? 'alive' : 'dead'
  } catch (error) {
    return isMissing(error) || codeOf(error) === 'ESRCH' ? 'dead' : 'unknown'
  }
}

function readPid(dir: string): number | undefined {
  try {
    return Number(readFileSync(join(dir, 'spooler'), 'utf8'))
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}
