import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { Readable } from 'node:stream'
import { PtySessionError } from '../pty-session-error.ts'
import { connectSessionHost, type SessionHost } from './connect.ts'
import { ensurePrivateFolder } from './endpoint.ts'

export interface SpawnHostOptions {
  /** Absolute folder of the host: its socket, `host.json` and `host.log`. Made with mode 0700. */
  readonly dir: string
  /** Whether several sessions share the host (default: false; it then ends with its only session). */
  readonly shared?: boolean | undefined
  /**
   * The programs run in tmux, on a server of our own at this absolute socket path, and outlive even the
   * host: another one that is spawned in the same `dir` goes on with them (default: on ptys of the host).
   */
  readonly tmuxSocket?: string | undefined
  /** How long the host may take to listen, in milliseconds (default: 15,000). */
  readonly readyWithinMs?: number | undefined
  /** The host program (default: the one of this package). For tests of other builds. */
  readonly program?: string | undefined
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
 * Starts a session host: a process of its own, in a session of its own, that holds ptys and goes on
 * whatever becomes of this process: SIGKILL, SIGHUP, a closed terminal, an upgrade.
 *
 * @returns The connected host. It ends by itself after 10 s without a session and without a server.
 * @throws PtySessionError `HOST_DEAD` with what the host said last, when it does not come up;
 * `HOST_HELD` when another host serves `dir`; `SOCKET_PATH_TOO_LONG`.
 */
export async function spawnSessionHost(options: SpawnHostOptions): Promise<SessionHost> {
  const {
    dir,
    shared = false,
    tmuxSocket = '',
    readyWithinMs = 15_000,
    program = hostProgram(),
  } = options
  ensurePrivateFolder(dir)
  const log = openSync(join(dir, 'host.log'), 'a', 0o600)
  let child: ChildProcess
  try {
    child = spawn(
      process.execPath,
      [...NODE_FLAGS, program, dir, shared ? 'shared' : '', tmuxSocket],
      {
        cwd: '/',
        detached: true,
        env: hostEnvironment(),
        stdio: ['ignore', 'ignore', log, 'pipe'],
      },
    )
  } catch (cause) {
    throw new PtySessionError('HOST_DEAD', `the host of ${dir} could not be started`, { cause })
  } finally {
    closeSync(log)
  }
  const line = await readLine(child, readyWithinMs)
  child.unref()
  if (line !== 'ready')
    throw new PtySessionError(
      line.includes('HOST_HELD') ? 'HOST_HELD' : 'HOST_DEAD',
      `the host of ${dir} did not come up: ${line}`,
    )
  return connectSessionHost({ dir })
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
