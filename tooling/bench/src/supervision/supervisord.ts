import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { endAll, FLEET_VARIABLE } from './end-all.ts'
import { holdsCap } from './log-room.ts'
import type { Daemon, Supervisor } from './supervisor.ts'

/** What starts it: `supervisord` itself, or Python and the module. */
export interface SupervisordProgram {
  readonly command: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

export function supervisord({ command, env }: SupervisordProgram): Supervisor {
  return {
    name: 'supervisord',
    label: 'supervisord',
    isSlow: true,
    async open(dir, daemons) {
      const file = join(dir, 'supervisord.conf')
      const socketPath = join(dir, 's')
      mkdirSync(join(dir, 'logs'))
      writeFileSync(file, configOf(dir, socketPath, daemons))
      const [program = '', ...args] = command
      const child = spawn(program, [...args, '-c', file], {
        cwd: dir,
        env: { PATH: process.env['PATH'], HOME: dir, ...env, [FLEET_VARIABLE]: dir },
        stdio: ['ignore', 'ignore', 'inherit'],
      })
      await answering(child, socketPath)
      return {
        managerPid: child.pid ?? 0,
        said: [],
        up: () => call(socketPath, 'startAllProcesses'),
        down: () => call(socketPath, 'stopAllProcesses'),
        isLogged: ({ name }) => holdsCap(dir, `logs/${name}.log`),
        close: () => endAll(dir),
      }
    },
  }
}

/** Its logs have our default size, and as many parts. */
function configOf(dir: string, socketPath: string, daemons: readonly Daemon[]): string {
  const programs = daemons.map(
    ({ name, command, comesBack }) => `
[program:${name}]
command=${command.join(' ')}
autostart=false
autorestart=${comesBack}
startsecs=0
redirect_stderr=true
stdout_logfile=${dir}/logs/${name}.log
stdout_logfile_maxbytes=10MB
stdout_logfile_backups=3`,
  )
  return `[supervisord]
nodaemon=true
user=${process.getuid?.() ?? ''}
minfds=8192
logfile=${dir}/supervisord.log
pidfile=${dir}/supervisord.pid
childlogdir=${dir}/logs
[unix_http_server]
file=${socketPath}
[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
${programs.join('\n')}
`
}

/** Its own protocol, XML-RPC, without a client in between; `1`: it answers when all have done so. */
function call(socketPath: string, method: string): Promise<void> {
  const params = method.endsWith('AllProcesses')
    ? '<param><value><boolean>1</boolean></value></param>'
    : ''
  const body = `<?xml version="1.0"?><methodCall><methodName>supervisor.${method}</methodName><params>${params}</params></methodCall>`
  return new Promise((resolve, reject) => {
    const sent = request(
      { socketPath, path: '/RPC2', method: 'POST', headers: { 'content-type': 'text/xml' } },
      (response) => {
        let text = ''
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk
        })
        response.on('end', () => {
          if (response.statusCode === 200 && !text.includes('<fault>')) resolve()
          else reject(new Error(`supervisord: ${method}: ${text}`))
        })
      },
    )
    sent.on('error', reject)
    sent.end(body)
  })
}

async function answering(child: ChildProcess, socketPath: string): Promise<void> {
  for (let tries = 0; tries < 500; tries++) {
    if (child.exitCode !== null) throw new Error(`supervisord ended with ${child.exitCode}`)
    try {
      return await call(socketPath, 'getState')
    } catch {
      await sleep(20)
    }
  }
  throw new Error('supervisord does not answer')
}
