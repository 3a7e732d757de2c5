import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { until } from '@conductor/testing'
// biome-ignore lint/correctness/noUndeclaredDependencies: the root's; only tests import this file
import { onTestFinished } from 'vitest'

export interface Running {
  readonly child: ChildProcess
  readonly pid: number
  /** What it has printed, line by line. */
  readonly said: readonly string[]
  /** Waits until it has printed such a line, and returns that. */
  says(pattern: RegExp): Promise<string>
  /** Resolves with its exit code, or the name of the signal. */
  readonly ended: Promise<number | string>
}

export interface RunOptions {
  readonly env?: NodeJS.ProcessEnv | undefined
  /** How many descriptors it may have. */
  readonly descriptors?: number | undefined
}

/** Runs a bundled program, which can be sent messages; killed with its test. */
export function run(program: string, args: readonly string[], options: RunOptions = {}): Running {
  const { env = {}, descriptors } = options
  const limit = descriptors === undefined ? ':' : `ulimit -n ${descriptors}`
  const child = spawn(
    '/bin/sh',
    ['-c', `${limit}; exec "$0" "$@"`, process.execPath, program, ...args],
    {
      env: { PATH: process.env['PATH'], ...env },
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    },
  )
  const said: string[] = []
  let rest = ''
  child.stdout?.on('data', (chunk) => {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    said.push(...lines)
  })
  const ended = once(child, 'exit').then(([code, signal]) => code ?? signal)
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await ended
  })
  return {
    child,
    pid: child.pid ?? 0,
    said,
    says: (pattern) =>
      until(() => said.find((line) => pattern.test(line)), {
        timeoutMs: 15_000,
        what: `it says ${pattern}`,
      }),
    ended,
  }
}
