import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { ProcessLog } from '../process-log.ts'

/** Of one record: a number, filled up, and a line feed; so the number tells the offset. */
export const RECORD_BYTES = 128

/** Writes records to its stdout, in writes of `blockBytes`, and pauses after each. */
const PROGRAM = `
const { writeSync } = require('node:fs')
const [totalBytes, blockBytes, pauseMs, first] = process.argv.slice(1).map(Number)
const pause = new Int32Array(new SharedArrayBuffer(4))
const blocks = []
let number = first
while ((number - first) * 128 < totalBytes) {
  let text = ''
  for (let i = 0; i < blockBytes / 128; i++) text += String(number++).padStart(127, '.') + '\\n'
  if (pauseMs) { writeSync(1, text); Atomics.wait(pause, 0, 0, pauseMs) } else blocks.push(Buffer.from(text))
}
const start = performance.now()
for (const block of blocks) for (let at = 0; at < block.length;) at += writeSync(1, block, at)
if (blocks.length) process.send?.(performance.now() - start)
`

type AtTheEnd = (cleanUp: () => void) => void

export interface WriterOptions {
  readonly totalBytes: number
  readonly blockBytes?: number
  readonly pauseMs?: number
  readonly firstRecord?: number
}

/** A daemon whose stdout is the log. It ends with its test. */
export function startWriter(
  log: Pick<ProcessLog, 'fd'>,
  atTheEnd: AtTheEnd,
  options: WriterOptions,
): ChildProcess {
  const { totalBytes, blockBytes = 64 * 1024, pauseMs = 0, firstRecord = 0 } = options
  const numbers = [totalBytes, blockBytes, pauseMs, firstRecord].map(String)
  const child = spawn(process.execPath, ['-e', PROGRAM, ...numbers], {
    stdio: ['ignore', log.fd, 'inherit'],
  })
  atTheEnd(() => void child.kill('SIGKILL'))
  return child
}

/** The first offset at which the bytes are not the records that belong there; `-1` if all do. */
export function firstWrongByte(offset: number, bytes: Buffer): number {
  let at = (RECORD_BYTES - (offset % RECORD_BYTES)) % RECORD_BYTES
  for (; at + RECORD_BYTES <= bytes.length; at += RECORD_BYTES) {
    const expected = `${String((offset + at) / RECORD_BYTES).padStart(RECORD_BYTES - 1, '.')}\n`
    if (bytes.toString('latin1', at, at + RECORD_BYTES) !== expected) return offset + at
  }
  return -1
}

/** All bytes that are there, in one piece. */
export function readAll(log: ProcessLog): { offset: number; bytes: Buffer } {
  const { startOffset, endOffset } = log.size()
  return log.read({ from: startOffset, maxBytes: endOffset - startOffset })
}

/** A folder in memory, where files cannot be collapsed; `undefined` where there is none. */
export function memoryFolder(atTheEnd: AtTheEnd): string | undefined {
  if (process.platform !== 'linux') return undefined
  const folder = mkdtempSync('/dev/shm/c-')
  atTheEnd(() => rmSync(folder, { recursive: true, force: true }))
  return join(folder, 'log')
}
