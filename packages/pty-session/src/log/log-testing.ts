import { join } from 'node:path'
import { fakeClock, temporaryFolder } from '@conductor/testing'
import type { LogReader } from '../types.ts'
import { createSessionLog, type SessionLog, type SessionLogOptions } from './session-log.ts'

/** For tests: a log in a folder of its own. `atTheEnd` is handed what closes and removes it. */
export function makeLog(
  atTheEnd: (cleanUp: () => void) => void,
  options: Partial<SessionLogOptions> = {},
): SessionLog & { readonly dir: string } {
  const dir = join(temporaryFolder(atTheEnd), 'log')
  const log = createSessionLog({ dir, epoch: 'e1', clock: fakeClock(), ...options })
  atTheEnd(() => log.close())
  return Object.assign(log, { dir })
}

/** For tests: output that tells by each byte where it belongs. */
export function outputFrom(from: number, length: number): Buffer {
  const made = Buffer.allocUnsafe(length)
  for (let i = 0; i < length; i++) made[i] = ((from + i) * 31 + ((from + i) >> 8)) & 0xff
  return made
}

/** For tests: all bytes from `from` on; throws on a gap, and on a block that is not the next one. */
export function readAll(log: LogReader, from: number = log.start): Buffer {
  const parts: Buffer[] = []
  for (let at = from; ; ) {
    const read = log.read(at)
    if (read.kind === 'end') return Buffer.concat(parts)
    if (read.kind === 'gap') throw new Error(`gap from ${read.from} to ${read.to}`)
    if (read.offset !== at) throw new Error(`a block of ${read.offset}, not ${at}`)
    parts.push(read.buffer.subarray(read.start, read.end))
    at += read.end - read.start
  }
}
