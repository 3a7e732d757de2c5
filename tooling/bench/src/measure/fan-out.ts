import { startConductor } from '../conductor-server.ts'
import type { Context, Measurement } from '../context.ts'
import { figure, higher } from '../figure.ts'
import { median } from '../statistics.ts'
import { readFlood } from '../terminal-client.ts'
import { terminalBytes } from './throughput.ts'

const VIEWERS = 10

/** MB/s of the median viewer. */
async function measure(context: Context, bytes: number, viewers: number): Promise<number> {
  const { native, dir } = context
  const totalBytes = terminalBytes(context, bytes)
  const server = await startConductor({ dir })
  try {
    const session = await server.create('persistent', [
      native.generator,
      String(bytes),
      'wait',
      'hold',
    ])
    const result = await readFlood(native.wsClient, session.address, totalBytes, viewers)
    if (result.holes > 0 || result.gapBytes > 0)
      throw new Error(`output was lost: ${JSON.stringify(result)}`)
    return totalBytes / median(result.seconds) / 1e6
  } finally {
    await server.close()
  }
}

export const fanOut: Measurement = {
  name: 'fan-out',
  about: '10 viewers of one flood, beside one viewer in the same round',
  async run(context) {
    const bytes = Math.ceil(context.bytes / 2)
    const one: number[] = []
    const ten: number[] = []
    for (let round = 1; round <= context.rounds; round++) {
      one.push(await measure(context, bytes, 1))
      ten.push(await measure(context, bytes, VIEWERS))
      context.say(`round ${round} of ${context.rounds}`)
    }
    return [
      figure('fan-out.one', 'one viewer', 'MB/s', one),
      figure('fan-out.ten', 'each of ten viewers', 'MB/s', ten),
      figure(
        'fan-out.ratio',
        'each of ten viewers, ratio to one',
        'x',
        ten.map((each, index) => each / (one[index] ?? Number.NaN)),
        higher(0.6, 0.75),
      ),
    ]
  },
}
