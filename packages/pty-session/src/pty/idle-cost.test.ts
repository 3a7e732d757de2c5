import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, it, onTestFinished } from 'vitest'
import { testPtys } from '../testing/test-pty.ts'

/** What an idle pty may cost this process, in bytes. */
const IDLE_BYTES = 20 * 1024

const testPty = testPtys(onTestFinished)

it('an idle pty costs below 20 KB: no buffer of its own', async () => {
  setFlagsFromString('--expose-gc')
  // There is no other way to collect on demand without a flag of the whole run.
  const collect = runInNewContext('gc') as () => void
  function used(): number {
    collect()
    collect()
    const { heapUsed, external } = process.memoryUsage()
    return heapUsed + external
  }
  const warm = testPty('echo ready; exec sleep 1000')
  await warm.said('ready')
  const before = used()
  const buffersBefore = process.memoryUsage().arrayBuffers
  const all = []
  for (let index = 0; index < 100; index++) {
    const pty = testPty('echo ready; exec sleep 1000')
    await pty.said('ready')
    all.push(pty)
  }
  await new Promise(setImmediate)
  expect((used() - before) / all.length).toBeLessThan(IDLE_BYTES)
  // What they said is kept by the test, in a few bytes each.
  expect((process.memoryUsage().arrayBuffers - buffersBefore) / all.length).toBeLessThan(1_024)
})
