import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parentOf, processesWith } from './process-figures.ts'
import type { Address } from './terminal-client.ts'

/** The built server: the one that users run. */
const PROGRAM = fileURLToPath(new URL('../../../apps/server/dist/main.js', import.meta.url))

/** For whoever logs in as people do. */
export const PASSWORD = 'a benchmark has no secrets'

export interface Session {
  readonly id: string
  /** The program's. */
  readonly pid: number
  /** Whoever holds its pty: its host, or the server. */
  readonly holderPid: number
  readonly address: Address
  /** How long the request took, in milliseconds. */
  readonly startMs: number
}

export type Durability = 'persistent' | 'server'

/** Our server in a process of its own, in a folder of its own. */
export interface ConductorServer {
  readonly pid: number
  create(durability: Durability, command: readonly string[]): Promise<Session>
  /**
   * SIGKILL, and then another one on the same folder and port, which is executed at `executedMs`. Resolves
   * when that one listens.
   */
  killAndRestart(): Promise<{ readonly killedNs: number; readonly executedMs: number }>
  /** Of each session, as the server tells. */
  statuses(): Promise<readonly string[]>
  /** Ends it, and everything that it has started. */
  close(): Promise<void>
}

export interface ConductorOptions {
  /** A folder for the server's folder. */
  readonly dir: string
  readonly env?: Readonly<Record<string, string>>
}

export async function startConductor(options: ConductorOptions): Promise<ConductorServer> {
  if (!existsSync(PROGRAM)) throw new Error(`build first: there is no ${PROGRAM}`)
  const dir = mkdtempSync(join(options.dir, 'c-'))
  const home = join(dir, 'home')
  mkdirSync(home)
  let port = 0
  let child: ChildProcess
  let token = ''

  function pidOf(process: ChildProcess): number {
    if (process.pid === undefined) throw new Error('the server could not be started')
    return process.pid
  }

  async function start(): Promise<void> {
    child = spawn(process.execPath, [PROGRAM], {
      cwd: dir,
      env: {
        PATH: process.env['PATH'],
        HOME: home,
        LANG: 'C.UTF-8',
        AI_CONDUCTOR_PASSWORD: PASSWORD,
        AI_CONDUCTOR_ADDR: `127.0.0.1:${port}`,
        AI_CONDUCTOR_DATA_DIR: join(dir, 'state/sessions'),
        AI_CONDUCTOR_SHELL: '/bin/sh',
        ...options.env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const starting = child
    port = await new Promise<number>((resolve, reject) => {
      let output = ''
      const keep = (text: string) => {
        output = (output + text).slice(-10_000)
        const found = /Listening on http:\/\/[^ \n"]*:(\d+)/.exec(output)?.[1]
        if (found) resolve(Number(found))
      }
      starting.stdout?.setEncoding('utf8').on('data', keep)
      starting.stderr?.setEncoding('utf8').on('data', keep)
      starting.once('exit', (code) => reject(new Error(`the server ended (${code}):\n${output}`)))
    })
  }

  async function ask(method: string, path: string, body?: object): Promise<unknown> {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      headers: { 'content-type': 'application/json', 'x-session-token': token },
      ...(body && { body: JSON.stringify(body) }),
    })
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
    return answer.json()
  }

  const post = (path: string, body: object): Promise<unknown> => ask('POST', path, body)

  await start()
  token = ((await post('/api/login', { password: PASSWORD })) as { token: string }).token

  return {
    get pid() {
      return pidOf(child)
    },
    async create(durability, [command, ...args]) {
      const beganMs = performance.now()
      const session = (await post('/api/sessions', {
        durability,
        command,
        args,
        cols: 80,
        rows: 24,
      })) as {
        id: string
        pid: number
      }
      const startMs = performance.now() - beganMs
      return {
        ...session,
        holderPid: parentOf(session.pid),
        address: {
          port,
          path: `/ws/${session.id}`,
          dialect: 'conductor',
          headers: [`X-Session-Token: ${token}`],
        },
        startMs,
      }
    },
    async killAndRestart() {
      const gone = once(child, 'exit')
      const killedNs = Number(process.hrtime.bigint())
      child.kill('SIGKILL')
      await gone
      const executedMs = performance.now()
      await start()
      return { killedNs, executedMs }
    },
    async statuses() {
      const sessions = (await ask('GET', '/api/sessions')) as readonly { status: string }[]
      return sessions.map(({ status }) => status)
    },
    async close() {
      child.kill('SIGKILL')
      // Ours by their HOME, which lies in a folder that only this server knows.
      for (let tries = 0; tries < 100; tries++) {
        const pids = processesWith(`HOME=${home}`)
        if (pids.length === 0) break
        for (const pid of pids) killIfThere(pid)
        await sleep(20)
      }
      rmSync(dir, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

export function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has just ended.
  }
}
