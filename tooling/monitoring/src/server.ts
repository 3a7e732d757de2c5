import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { temporaryFolder, until } from '@conductor/testing'
import { type AtTheEnd, type Program, startProgram, waitFor } from './program.ts'

/** The built server: the one that users run. */
const MAIN = fileURLToPath(new URL('../../../apps/server/dist/main.js', import.meta.url))

export const CLI: string = fileURLToPath(new URL('../../../apps/cli/dist/main.js', import.meta.url))

export const PASSWORD = 'correct horse battery'

/** A daemon that stays and one that falls: between them every metric of a process has a value. */
const PROCESSES = {
  processes: {
    stays: { command: 'sleep', args: ['1000'] },
    falls: {
      command: 'sh',
      args: ['-c', 'exit 3'],
      restart: { mode: 'always', delay: { kind: 'fixed', delayMs: 600_000 } },
    },
  },
}

export interface Server {
  readonly url: string
  /** `HOST:PORT`, as monitors and proxies want it. */
  readonly address: string
  readonly stateDir: string
  readonly program: Program
  metrics(): Promise<string>
}

/** The real server on a folder and a port of its own; sessions and daemons end with the test. */
export async function startServer(
  atTheEnd: AtTheEnd,
  env: Readonly<Record<string, string>> = {},
): Promise<Server> {
  const folder = temporaryFolder(atTheEnd)
  const program = startProgram(atTheEnd, [process.execPath, MAIN], folder, {
    SHELL: '/bin/sh',
    AI_CONDUCTOR_PASSWORD: PASSWORD,
    AI_CONDUCTOR_ADDR: '127.0.0.1:0',
    AI_CONDUCTOR_ON_SHUTDOWN: 'close',
    ...env,
  })
  const url = await waitFor(
    program,
    'the server listens',
    () => /^Listening on (\S+)$/m.exec(program.output)?.[1],
  )
  return {
    url,
    address: new URL(url).host,
    stateDir: join(folder, 'data'),
    program,
    metrics: async () => (await fetch(`${url}/metrics`)).text(),
  }
}

/** Gives the two daemons to the server, and waits until all is measured. */
export async function startProcesses(atTheEnd: AtTheEnd, server: Server): Promise<void> {
  const file = join(temporaryFolder(atTheEnd), 'conductor.json')
  writeFileSync(file, JSON.stringify(PROCESSES))
  const state = ['--state-dir', server.stateDir]
  // They would outlive the server.
  atTheEnd(() => run(atTheEnd, [...state, 'down']))
  await run(atTheEnd, [...state, 'up', '--no-wait', file])
  await waitFor(server.program, 'both have been started and measured', async () => {
    const text = await server.metrics()
    return (
      text.includes('conductor_process_exits_total{cause="code",process="falls"} 1') &&
      text.includes('conductor_process_cpu_percent{process="stays"}')
    )
  })
}

export interface Answer {
  readonly code: number | null
  readonly output: string
}

/** Runs the built command line to its end. */
export async function conductor(
  atTheEnd: AtTheEnd,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const program = startProgram(
    atTheEnd,
    [process.execPath, CLI, ...args],
    temporaryFolder(atTheEnd),
    env,
  )
  await until(() => program.isOver, { timeoutMs: 30_000, what: `conductor ${args.join(' ')} ends` })
  return { code: program.child.exitCode, output: program.output }
}

async function run(atTheEnd: AtTheEnd, args: readonly string[]): Promise<void> {
  const { code, output } = await conductor(atTheEnd, args)
  if (code !== 0) throw new Error(output)
}
