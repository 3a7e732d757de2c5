import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { Readable } from 'node:stream'
import { PtySessionError } from '../pty-session-error.ts'
import { ensurePrivateFolder } from './endpoint.ts'
import type { SpawnHostOptions } from './spawn.ts'

export interface StartHostOptions extends SpawnHostOptions {
  /** Only to go on with what an earlier host has left in tmux (default: false). */
  readonly resume?: boolean | undefined
}

/** Keeps V8 small: a host moves buffers, and its heap is a few MB. */
const NODE_FLAGS = ['--max-semi-space-size=1', '--no-warnings']

/** Variables of the server that its hosts do not get. What a session gets is told per session. */
const ENV_KEPT = [
  'PATH',
  'HOME',
  'LANG',
  'LC_ALL',
  'TMPDIR',
  'XDG_RUNTIME_DIR',
  'TZ',
  'USER',
] as const

/**
 * Starts the process of a host, and waits until it listens.
 *
 * @returns `nothing`, with `resume` only: nothing runs, and so no host either.
 * @throws PtySessionError `HOST_DEAD` with what the host said last; `HOST_HELD`.
 */
export async function startHost(options: StartHostOptions): Promise<'ready' | 'nothing'> {
  const {
    dir,
    shared = false,
    tmuxSocket = '',
    resume = false,
    readyWithinMs = 15_000,
    program = hostProgram(),
  } = options
  ensurePrivateFolder(dir)
  const log = openSync(join(dir, 'host.log'), 'a', 0o600)
  const how = [shared ? 'shared' : '', tmuxSocket, resume ? 'resume' : '']
  let child: ChildProcess
  try {
    child = spawn(process.execPath, [...NODE_FLAGS, program, dir, ...how], {
      cwd: '/',
      detached: true,
      env: hostEnvironment(),
      stdio: ['ignore', 'ignore', log, 'pipe'],
    })
  } catch (cause) {
    throw new PtySessionError('HOST_DEAD', `the host of ${dir} could not be started`, { cause })
  } finally {
    closeSync(log)
  }
  const line = await readLine(child, readyWithinMs)
  child.unref()
  if (line === 'ready' || line === 'nothing') return line
  throw new PtySessionError(
    line.includes('HOST_HELD') ? 'HOST_HELD' : 'HOST_DEAD',
    `the host of ${dir} did not come up: ${line}`,
  )
}

/** The one line that a host says when it listens or has failed. */
function readLine(child: ChildProcess, withinMs: number): Promise<string> {
  // The fourth stream is the pipe asked for above; the type cannot tell its direction, nor that a
  // process which could not be started (EMFILE) has no streams, only an `error` to come.
  const pipe = (child.stdio as ChildProcess['stdio'] | undefined)?.[3] as Readable | undefined
  return new Promise((resolve) => {
    let text = ''
    const settle = (line: string) => {
      clearTimeout(timer)
      pipe?.destroy()
      resolve(line)
    }
    const timer = setTimeout(() => settle(`no word within ${withinMs} ms`), withinMs)
    child.once('error', (error) => settle(error.message))
    pipe?.on('data', (chunk) => {
      text += String(chunk)
      if (text.includes('\n')) settle(text.slice(0, text.indexOf('\n')))
    })
    pipe?.once('end', () => settle(text || 'it ended at once; see host.log'))
    pipe?.once('error', (error) => settle(error.message))
  })
}

function hostEnvironment(): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = {}
  for (const name of ENV_KEPT) {
    const value = process.env[name]
    if (value !== undefined) env[name] = value
  }
  return env
}

/** Built beside the package's entry; tests from sources use the built one as well. */
function hostProgram(): string {
  const { resolve } = createRequire(import.meta.url)
  return join(dirname(resolve('@conductor/pty-session/package.json')), 'dist/host.cjs')
}
