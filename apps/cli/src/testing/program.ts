import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { until } from '@conductor/testing'
import type { AtTheEnd } from './fake-server.ts'

/** The built command line. */
export const MAIN: string = fileURLToPath(new URL('../../dist/main.js', import.meta.url))

/** A command line as a process of its own. */
export interface Program {
  readonly child: ChildProcess
  readonly stdout: string
  readonly stderr: string
  /** The exit code, or the signal. */
  whenOver(): Promise<number | string | null>
}

export function start(
  atTheEnd: AtTheEnd,
  cwd: string,
  args: readonly string[],
  command: readonly string[] = [process.execPath, MAIN],
): Program {
  const [program = '', ...first] = command
  const child = spawn(program, [...first, ...args], {
    cwd,
    env: { PATH: process.env['PATH'], HOME: cwd, AI_CONDUCTOR_ADDR: '127.0.0.1:0' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  let exit: { readonly of: number | string | null } | undefined
  child.stdout.on('data', (chunk) => {
    stdout += String(chunk)
  })
  child.stderr.on('data', (chunk) => {
    stderr += String(chunk)
  })
  child.on('close', (code, signal) => {
    exit = { of: signal ?? code }
  })
  atTheEnd(() => void child.kill('SIGKILL'))
  return {
    child,
    get stdout() {
      return stdout
    },
    get stderr() {
      return stderr
    },
    async whenOver() {
      return (await until(() => exit, { timeoutMs: 25_000, what: `${args} ends` })).of
    },
  }
}

/** `conductor serve`, once it listens. */
export async function serve(atTheEnd: AtTheEnd, cwd: string): Promise<Program> {
  const server = start(atTheEnd, cwd, ['serve'])
  await until(() => server.stdout.includes('Listening on'), {
    timeoutMs: 20_000,
    what: `the server listens; it says: ${server.stderr}`,
  })
  return server
}
