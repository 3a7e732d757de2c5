import { spawnSync } from 'node:child_process'
import { startConductor } from '../conductor-server.ts'
import type { Measurement } from '../context.ts'
import { figure, lower } from '../figure.ts'

const SESSIONS = 50

export const adoption: Measurement = {
  name: 'adoption',
  about: `from the exec of a server to its answer to GET /api/sessions, with ${SESSIONS} live sessions of the one before`,
  async run({ dir, rounds, say }) {
    const server = await startConductor({ dir })
    const nodeMs: number[] = []
    const answeredMs: number[] = []
    try {
      for (let i = 0; i < SESSIONS; i++) await server.create('persistent', ['sh', '-i'])
      for (let round = 0; round < rounds; round++) {
        const bareMs = performance.now()
        spawnSync(process.execPath, ['-e', '0'])
        nodeMs.push(performance.now() - bareMs)
        const { executedMs } = await server.killAndRestart()
        const statuses = await server.statuses()
        answeredMs.push(performance.now() - executedMs)
        const running = statuses.filter((status) => status === 'running').length
        if (running !== SESSIONS) throw new Error(`${running} of ${SESSIONS} sessions run`)
      }
    } finally {
      await server.close()
    }
    say(`${rounds} servers adopted ${SESSIONS} sessions each`)
    return [
      figure(
        'adoption.answered',
        `first answer with ${SESSIONS} sessions adopted`,
        'ms',
        answeredMs,
      ),
      figure('adoption.node', 'node -e 0', 'ms', nodeMs),
      figure(
        'adoption.over',
        'the same, less 3 x node -e 0',
        'ms',
        answeredMs.map((ms, round) => ms - 3 * (nodeMs[round] ?? 0)),
        lower(250, 150),
      ),
    ]
  },
}
