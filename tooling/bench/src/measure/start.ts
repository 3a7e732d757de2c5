import { startConductor } from '../conductor-server.ts'
import type { Measurement } from '../context.ts'
import { figure } from '../figure.ts'

const SESSIONS = 10

export const start: Measurement = {
  name: 'start',
  about: 'from POST /api/sessions to its answer: the program runs then',
  async run({ dir }) {
    const server = await startConductor({ dir })
    try {
      const hosted: number[] = []
      const inProcess: number[] = []
      for (let i = 0; i < SESSIONS; i++) {
        hosted.push((await server.create('persistent', ['sh', '-i'])).startMs)
        inProcess.push((await server.create('server', ['sh', '-i'])).startMs)
      }
      return [
        figure('start.hosted', 'a session with its own host', 'ms', hosted),
        figure('start.in-process', 'a session in the server', 'ms', inProcess),
      ]
    } finally {
      await server.close()
    }
  },
}
