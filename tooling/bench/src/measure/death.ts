import { setTimeout as sleep } from 'node:timers/promises'
import { startConductor } from '../conductor-server.ts'
import type { Measurement } from '../context.ts'
import { figure, lower } from '../figure.ts'
import { percentile } from '../statistics.ts'
import { startClient } from '../terminal-client.ts'

/** Between two kills the session goes on for a while, in milliseconds. */
const LIFE_MS = 200

export const death: Measurement = {
  name: 'death',
  about:
    'kill -9 of the server, started again at once; the C client dials every 20 ms; until all that the log held at the attach is there',
  async run({ dir, native, kills, say }) {
    const server = await startConductor({ dir })
    const caughtUpMs: number[] = []
    const listeningMs: number[] = []
    try {
      const { address } = await server.create('persistent', [native.generator, 'tick'])
      const viewer = startClient(native.wsClient, 'follow', address)
      await viewer.next('caughtUp')
      for (let i = 0; i < kills; i++) {
        await sleep(LIFE_MS)
        const beganMs = performance.now()
        const caughtUp = viewer.next('caughtUp')
        const { killedNs } = await server.killAndRestart()
        listeningMs.push(performance.now() - beganMs)
        const { ns, holes } = await caughtUp
        if (holes > 0) throw new Error('the viewer lost output')
        caughtUpMs.push((ns - killedNs) / 1e6)
      }
      await viewer.stop()
    } finally {
      await server.close()
    }
    say(`killed ${kills} times`)
    const at = (share: number) => [percentile(caughtUpMs, share)]
    return [
      figure(
        'death.p50',
        `kill -9 to a caught-up viewer, p50 of ${kills}`,
        'ms',
        at(0.5),
        lower(1000, 500),
      ),
      figure(
        'death.p99',
        `kill -9 to a caught-up viewer, p99 of ${kills}`,
        'ms',
        at(0.99),
        lower(2000, 1000),
      ),
      figure('death.listening', 'of which until the next server listens', 'ms', listeningMs),
    ]
  },
}
