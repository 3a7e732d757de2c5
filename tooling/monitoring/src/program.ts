import { type ChildProcess, spawn } from 'node:child_process'
import { until } from '@conductor/testing'

/** `onTestFinished` of vitest, or what stands in for it. */
export type AtTheEnd = (end: () => void | Promise<void>) => void

/** For a busy machine, in milliseconds. */
const PATIENCE_MS = 30_000

export interface Program {
  readonly child: ChildProcess
  /** All that it has said, on both channels. */
  readonly output: string
  readonly isOver: boolean
}

/** Starts a program in `cwd` with nothing of our environment but `PATH`; it ends with the test. */
export function startProgram(
  atTheEnd: AtTheEnd,
  command: readonly [string, ...string[]],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): Program {
  const [file, ...args] = command
  const child = spawn(file, args, {
    cwd,
    env: { PATH: process.env['PATH'], HOME: cwd, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  let isOver = false
  const keep = (chunk: Buffer) => {
    output += chunk
  }
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  child.on('error', (error) => {
    output += error
    isOver = true
  })
  child.on('exit', () => {
    isOver = true
  })
  atTheEnd(async () => {
    child.kill('SIGTERM')
    await until(() => isOver, { timeoutMs: PATIENCE_MS, what: `${file} ends\n${output}` })
  })
  return {
    child,
    get output() {
      return output
    },
    get isOver() {
      return isOver
    },
  }
}

/** Waits for a fact about a program. @throws with what it said if there is none, or once it has ended. */
export async function waitFor<T>(
  program: Program,
  what: string,
  look: () => T | undefined | false | Promise<T | undefined | false>,
): Promise<T> {
  const result = await until(
    async () => {
      const found = await look()
      if (found) return { found }
      return program.isOver ? { found: undefined } : undefined
    },
    { timeoutMs: PATIENCE_MS, what },
  ).catch((cause: unknown) => {
    throw new Error(`${cause}\n${program.output}`, { cause })
  })
  if (result.found === undefined) throw new Error(`it ended before: ${what}\n${program.output}`)
  return result.found
}

/** Whether something answers there with success. */
export async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok
  } catch {
    return false
  }
}
