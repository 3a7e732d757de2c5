import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { until } from '@conductor/testing'
import { isRunning, processesWith } from './proc.ts'

/** The built server: the one that users run. */
const PROGRAM = fileURLToPath(new URL('../../../apps/server/dist/main.js', import.meta.url))

/** Strong enough for the server, and in no child's environment: a test looks. */
export const PASSWORD = 'correct horse battery staple'

/** A start on a busy two-core machine, in milliseconds. */
const START_TIMEOUT_MS = 20_000

export interface ServerProcessOptions {
  /** Absolute; holds all that this server writes, and its HOME. */
  readonly dir: string
  /** More environment. */
  readonly env?: Readonly<Record<string, string>> | undefined
  /** Origins that clients dial besides the server's own, as those of proxies. */
  readonly origins?: readonly string[] | undefined
  /** A program and arguments that start the server, as `prlimit`. */
  readonly wrapper?: readonly string[] | undefined
}

/** The real server in a process of its own, over any number of lives on the same folder and port. */
export interface ServerProcess {
  readonly dir: string
  readonly pid: number
  /** Chosen by the system at the first start, and kept. */
  readonly port: number
  readonly url: string
  /** All that it has said, in all its lives. */
  readonly output: string
  /**
   * Resolves once it listens. @throws with its output when it ends instead.
   *
   * @param program Another build of the server (default: the built one of this repository).
   */
  start(program?: string): Promise<void>
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>
  /** Sends a signal and waits for the end; returns the exit code, or the signal's name. */
  stop(signal?: NodeJS.Signals): Promise<number | string>
  /** Kills it, and every process that it has started, directly or not. */
  destroy(): Promise<void>
}

export function createServerProcess(options: ServerProcessOptions): ServerProcess {
  const { dir, env = {}, origins = [], wrapper = [] } = options
  const home = join(dir, 'home')
  let child: ChildProcess | undefined
  let port = 0
  let output = ''

  function current(): ChildProcess & { readonly pid: number } {
    if (!child?.pid) throw new Error('the server was not started')
    return child as ChildProcess & { readonly pid: number }
  }

  async function stop(signal: NodeJS.Signals): Promise<number | string> {
    const ending = current()
    const gone =
      ending.exitCode === null && ending.signalCode === null ? once(ending, 'exit') : undefined
    ending.kill(signal)
    await gone
    return ending.exitCode ?? ending.signalCode ?? 'unknown'
  }

  return {
    dir,
    get pid() {
      return current().pid
    },
    get port() {
      return port
    },
    get url() {
      return `http://127.0.0.1:${port}`
    },
    get output() {
      return output
    },
    async start(program = PROGRAM) {
      if (!existsSync(program)) throw new Error(`npm run build first: there is no ${program}`)
      mkdirSync(home, { recursive: true })
      const [file = process.execPath, ...args] = [...wrapper, process.execPath, program]
      const from = output.length
      const starting = spawn(file, args, {
        cwd: dir,
        env: {
          PATH: process.env['PATH'],
          HOME: home,
          LANG: 'C.UTF-8',
          TERM: 'dumb',
          AI_CONDUCTOR_PASSWORD: PASSWORD,
          AI_CONDUCTOR_ADDR: `127.0.0.1:${port}`,
          AI_CONDUCTOR_DATA_DIR: join(dir, 'state/sessions'),
          AI_CONDUCTOR_SHELL: '/bin/bash',
          AI_CONDUCTOR_ALLOWED_ORIGINS: origins.join(','),
          ...env,
        },
        // A group of its own, as a terminal would give it: tests signal all of it.
        detached: true,
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      child = starting
      const keep = (chunk: string) => {
        output += chunk
      }
      starting.stdout?.setEncoding('utf8').on('data', keep)
      starting.stderr?.setEncoding('utf8').on('data', keep)
      const listening = await until(
        () => {
          const said = output.slice(from)
          const line = /Listening on http:\/\/[^ \n"]*:(\d+)/.exec(said)?.[1]
          if (line) return line
          return starting.exitCode !== null || starting.signalCode !== null ? 'ended' : undefined
        },
        { timeoutMs: START_TIMEOUT_MS, what: `the server listens\n${output.slice(from)}` },
      )
      if (listening === 'ended')
        throw new Error(`the server ended at its start:\n${output.slice(from)}`)
      port = Number(listening)
    },
    async kill() {
      await stop('SIGKILL')
    },
    stop: (signal = 'SIGTERM') => stop(signal),
    async destroy() {
      if (child) await stop('SIGKILL')
      // Ours by their HOME, which lies in a folder that only this test knows.
      const rest = () => processesWith(`HOME=${home}`).filter(isRunning)
      await until(
        () => {
          const pids = rest()
          for (const pid of pids) killIfThere(pid)
          return pids.length === 0
        },
        { what: 'nothing of the test is left' },
      )
    },
  }
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has just ended.
  }
}
