import { startConductor } from '../conductor-server.ts'
import type { Context, Measurement } from '../context.ts'
import { figure, lower } from '../figure.ts'
import { rssMib } from '../process-figures.ts'
import { median } from '../statistics.ts'
import { startClient } from '../terminal-client.ts'

const STALL_SECONDS = 20
const STALLS = 2
const SAMPLE_EVERY_MS = 50

/** In the second after the stall. One block would not show that the flood goes on. */
const LEAST_AFTER_BYTES = 1024 * 1024

/** The last 3 s before the stall, and of it. */
const COMPARED = 60

interface Round {
  readonly rssMib: number
  readonly growthMib: number
  readonly peakMib: number
}

async function measure({ dir, native, say }: Context): Promise<Round> {
  const server = await startConductor({ dir })
  const reading: number[] = []
  const stalled: number[] = []
  let into = reading
  const sampler = setInterval(() => into.push(rssMib(server.pid)), SAMPLE_EVERY_MS)
  try {
    const session = await server.create('persistent', [native.generator, 'forever', 'wait'])
    const client = startClient(native.wsClient, 'stall', session.address, [
      '--go',
      '--seconds',
      String(STALL_SECONDS),
    ])
    await client.next('stalled')
    into = stalled
    await client.next('resumed')
    into = []
    const ended = await client.next('ended')
    if (ended.holes > 0 || ended.bytesAfter < LEAST_AFTER_BYTES)
      throw new Error(`the viewer could not go on: ${JSON.stringify(ended)}`)
    say(`stalled for ${STALL_SECONDS} s and went on, past a gap of ${ended.gapBytes} bytes`)
    // The collector lets memory rise and fall by itself: levels are compared, not single samples.
    const before = median(reading.slice(-COMPARED))
    return {
      rssMib: before,
      growthMib: Math.max(0, median(stalled.slice(-COMPARED)) - before),
      peakMib: Math.max(0, Math.max(...stalled) - Math.max(...reading)),
    }
  } finally {
    clearInterval(sampler)
    await server.close()
  }
}

export const stall: Measurement = {
  name: 'stall',
  about: `a viewer reads a flood for 8 s, then nothing for ${STALL_SECONDS} s while it goes on`,
  async run(context) {
    const rounds: Round[] = []
    for (let round = 1; round <= STALLS; round++) rounds.push(await measure(context))
    return [
      figure(
        'stall.rss',
        'server while its viewer reads, RSS',
        'MiB',
        rounds.map((each) => each.rssMib),
      ),
      figure(
        'stall.growth',
        `server, growth over ${STALL_SECONDS} s of stall`,
        'MiB',
        rounds.map((each) => each.growthMib),
        lower(2, 0.5),
      ),
      figure(
        'stall.peak',
        'server, highest while stalled above highest before',
        'MiB',
        rounds.map((each) => each.peakMib),
      ),
    ]
  },
}
