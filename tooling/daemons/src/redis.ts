import { connect } from 'node:net'
import { join } from 'node:path'
import { binary, whyMissing } from '@conductor/testing'
import { LIVENESS, type RealDaemon } from './real-daemon.ts'
import { SOON } from './world.ts'

/** Keeps what it is told in an append-only file, synced with each write. */
export const redis: RealDaemon = {
  name: 'redis',
  missing: whyMissing('redis-server'),
  farewell: /DB saved on disk[\s\S]*ready to exit/,
  async prepare(folder) {
    const path = join(folder, 'redis.sock')
    const probe = { kind: 'unix', path, send: 'PING\r\n', expect: '+PONG' } as const
    return {
      spec: {
        name: 'redis',
        command: binary('redis-server'),
        args: [
          ...['--port', '0', '--unixsocket', path, '--dir', folder],
          ...['--appendonly', 'yes', '--appendfsync', 'always', '--save', '3600 1'],
        ],
        cwd: folder,
        socketPath: path,
        ready: { kind: 'check', check: { probe, periodMs: 50 } },
        liveness: { probe, ...LIVENESS },
        stop: { graceMs: 10_000 },
        restart: SOON,
      },
      ask: () => askRedis(path, 'PING'),
      memory: {
        async keep(text) {
          await askRedis(path, `SET kept ${text}`)
        },
        recall: () => askRedis(path, 'GET kept'),
      },
    }
  },
}

/** Sends an inline command. @returns the last line of its answer. */
export function askRedis(path: string, command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = ''
    const socket = connect(path, () => socket.end(`${command}\r\n`))
    socket.setEncoding('utf8')
    socket.on('data', (text) => {
      answer += text
    })
    socket.once('error', reject)
    socket.once('close', () => {
      const last = answer.trimEnd().split('\r\n').at(-1) ?? ''
      if (answer === '' || last.startsWith('-'))
        reject(new Error(`${command}: ${last || 'hung up'}`))
      else resolve(last)
    })
  })
}
