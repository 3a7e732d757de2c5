// Prints `--bytes` of numbered lines, made from `--seed`. Runs inside a session. On the average it
// prints `--rate` bytes per second (0, the default: as fast as it can), in bursts at full speed.

import { writeSync } from 'node:fs'
import { parseArgs } from 'node:util'
// biome-ignore lint/correctness/useImportExtensions: plain JavaScript, and its types stand beside it
import { createNumberedLines } from './numbered-lines.mjs'

const BLOCK_BYTES = 64 * 1024
const BURST_BYTES = 512 * 1024

const { values } = parseArgs({
  options: {
    bytes: { type: 'string' },
    seed: { type: 'string', default: '1' },
    rate: { type: 'string', default: '0' },
  },
})
const totalBytes = Number(values.bytes)
const bytesPerSecond = Number(values.rate)
const lines = createNumberedLines(Number(values.seed))
const block = Buffer.alloc(BLOCK_BYTES)
const startMs = performance.now()
const asleep = new Int32Array(new SharedArrayBuffer(4))
const sleep = (ms) => Atomics.wait(asleep, 0, 0, ms)

function write(bytes) {
  for (let done = 0; done < bytes.length; ) {
    try {
      done += writeSync(1, bytes, done)
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error
      sleep(1)
    }
  }
}

for (let offset = 0; offset < totalBytes; ) {
  const size = Math.min(BLOCK_BYTES, totalBytes - offset)
  write(lines.fill(block.subarray(0, size), offset))
  offset += size
  if (bytesPerSecond > 0 && offset % BURST_BYTES < BLOCK_BYTES) {
    const aheadMs = (offset / bytesPerSecond) * 1000 - (performance.now() - startMs)
    if (aheadMs > 1) sleep(aheadMs)
  }
}
