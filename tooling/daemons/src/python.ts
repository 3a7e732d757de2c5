import { connect } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { binary, whyMissing } from '@conductor/testing'
import { LIVENESS, type RealDaemon } from './real-daemon.ts'
import { SOON } from './world.ts'

/** The daemon of the BackgroundProcessManager document, unchanged. */
export const DAEMON_PY: string = fileURLToPath(new URL('../fixtures/daemon.py', import.meta.url))

/** The daemon accepts and hangs up; the kernel alone only accepts. */
const ROUND_TRIP = `import socket, sys
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
sys.exit(0 if s.recv(1) == b"" else 1)`

export const python: RealDaemon = {
  name: 'python',
  missing: whyMissing('python3'),
  farewell: /Received shutdown signal, cleaning up\.\.\./,
  async prepare(folder) {
    const path = join(folder, 'daemon.sock')
    return {
      spec: {
        name: 'python',
        command: 'python3',
        args: [DAEMON_PY],
        cwd: folder,
        socketPath: path,
        ready: { kind: 'socket' },
        liveness: {
          probe: { kind: 'exec', command: binary('python3'), args: ['-c', ROUND_TRIP, path] },
          ...LIVENESS,
        },
        restart: SOON,
      },
      ask: () => hangUpOf(path),
    }
  },
}

/** Connects, and waits until the other side hangs up. */
export function hangUpOf(path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(path)
    socket.once('error', reject)
    socket.once('end', () => resolve('hung up'))
    socket.resume()
  })
}
