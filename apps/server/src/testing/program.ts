import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { until } from '@conductor/testing'
import type { AtTheEnd } from './test-server.ts'

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url))

/** The built server, as a process of its own. */
export interface Program {
  readonly pid: number
  readonly child: ChildProcess
  readonly stdout: string
  readonly stderr: string
  readonly exit: { readonly code: number | null; readonly signal: string | null } | undefined
  /** The address, once it listens. */
  url(): Promise<string>
  kill(signal: NodeJS.Signals): void
  whenOver(): Promise<number | string | null>
}

export interface StartOptions {
  /** A descriptor that takes its output (default: a pipe, which `Program.stdout` reads). */
  readonly stdout?: number | undefined
  /** A program and arguments that start the server, as `unshare --pid --fork`. */
  readonly wrapper?: readonly string[] | undefined
}

/** Starts `dist/main.js` in `cwd` with nothing in its environment but this. */
export function startProgram(
  atTheEnd: AtTheEnd,
  cwd: string,
  env: Readonly<Record<string, string>> = {},
  { stdout: stdoutFd, wrapper = [] }: StartOptions = {},
): Program {
  const [file = '', ...args] = [...wrapper, process.execPath, MAIN]
  const child = spawn(file, args, {
    cwd,
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: cwd,
      SHELL: '/bin/sh',
      AI_CONDUCTOR_ADDR: '127.0.0.1:0',
      ...env,
    },
    stdio: ['ignore', stdoutFd ?? 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  let exit: Program['exit']
  child.stdout?.on('data', (chunk) => {
    stdout += String(chunk)
  })
  child.stderr?.on('data', (chunk) => {
    stderr += String(chunk)
  })
  child.on('close', (code, signal) => {
    exit = { code, signal }
  })
  atTheEnd(() => void child.kill('SIGKILL'))

  const program: Program = {
    pid: child.pid ?? 0,
    child,
    get stdout() {
      return stdout
    },
    get stderr() {
      return stderr
    },
    get exit() {
      return exit
    },
    url: () =>
      until(
        () => {
          if (exit) throw new Error(`it ended with ${exit.code}: ${stderr}`)
          return /^Listening on (\S+)$/m.exec(stdout)?.[1]
        },
        { timeoutMs: 20_000, what: 'the server listens' },
      ),
    kill: (signal) => void child.kill(signal),
    async whenOver() {
      const over = await until(() => exit, { timeoutMs: 20_000, what: 'the server ends' })
      return over.signal ?? over.code
    },
  }
  return program
}

/** A client of a running server, logged in. */
export interface Client {
  readonly url: string
  readonly token: string
  request(path: string, init?: RequestInit): Promise<Response>
  json<T>(path: string, init?: RequestInit): Promise<T>
}

export async function logIn(url: string, password: string): Promise<Client> {
  const response = await fetch(`${url}/api/login`, {
    method: 'POST',
    body: JSON.stringify({ password }),
  })
  const { token } = (await response.json()) as { token: string }
  return clientOf(url, token)
}

export function clientOf(url: string, token: string): Client {
  const request: Client['request'] = (path, init = {}) =>
    fetch(url + path, { ...init, headers: { 'X-Session-Token': token, ...init.headers } })
  return {
    url,
    token,
    request,
    json: async <T>(path: string, init?: RequestInit) => (await request(path, init)).json() as T,
  }
}

/** Whether a process runs; a zombie does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}
