import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { temporaryFolder, until } from '@conductor/testing'
// biome-ignore lint/correctness/noUndeclaredDependencies: the root's; only tests import this file
import { onTestFinished } from 'vitest'

interface Esbuild {
  buildSync(options: Readonly<Record<string, unknown>>): unknown
}

/** A program of this package as one file of JavaScript that every Node runs. */
export function bundle(program: URL, atTheEnd: (end: () => void) => void): string {
  const require = createRequire(import.meta.url)
  // The bundler that builds the packages brings the one that is quick enough for this.
  const esbuild = createRequire(require.resolve('tsup'))('esbuild') as Esbuild
  const outfile = join(temporaryFolder(atTheEnd), 'program.mjs')
  esbuild.buildSync({
    entryPoints: [fileURLToPath(program)],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    conditions: ['@conductor/source'],
  })
  return outfile
}

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
