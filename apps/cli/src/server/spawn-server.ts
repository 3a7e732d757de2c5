import { spawn } from 'node:child_process'
import { once } from 'node:events'

/** How a server in the background is started. */
export interface SpawnServerOptions {
  /** Variables that its environment gets beside those of this process. */
  readonly settings: Readonly<Record<string, string>>
  /** Takes what it says, on both streams. */
  readonly logFd: number
}

/** A server that was started just now, and may not be one yet. */
export interface SpawnedServer {
  readonly pid: number | undefined
  /** Resolves when it has ended, in words, as in `code 1`. */
  readonly ended: Promise<string>
}

/**
 * Starts `command` in a session of its own, with no terminal, no folder that it holds, and no stream
 * of ours: so that it outlives this process and whatever this process was started from.
 */
export function spawnServer(
  [program, ...args]: readonly [string, ...string[]],
  env: Readonly<Record<string, string | undefined>>,
  { settings, logFd }: SpawnServerOptions,
): SpawnedServer {
  const child = spawn(program, args, {
    cwd: '/',
    detached: true,
    env: { ...env, ...settings },
    stdio: ['ignore', logFd, logFd],
  })
  child.unref()
  return {
    pid: child.pid,
    ended: once(child, 'exit').then(
      ([code, signal]) => (signal ? `signal ${signal}` : `code ${code}`),
      (error: unknown) => String(error),
    ),
  }
}
