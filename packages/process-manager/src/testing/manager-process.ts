import { type ChildProcess, fork } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { isAlive, until } from '@conductor/testing'
import type { ProcessManager } from '../manager-api.ts'

/** Of what can be called: what a message can carry. */
type Method = Exclude<keyof ProcessManager, 'subscribe' | 'log' | typeof Symbol.asyncDispose>

/** What a manager in another process is told. */
export interface Order {
  readonly id: number
  readonly method: Method | 'open' | 'arm' | 'passed'
  readonly args: readonly unknown[]
}

/** A manager in a process of its own, which can be killed. */
export interface ManagerProcess {
  readonly child: ChildProcess
  /** @throws what it throws, as text, or that it has ended. */
  call<M extends Method>(
    method: M,
    ...args: Parameters<ProcessManager[M]>
  ): Promise<Awaited<ReturnType<ProcessManager[M]>>>
  /** Opens the root; every call does that, too. */
  open(): Promise<void>
  /** From now on it counts its points, and dies at this one (default: at none). */
  arm(at?: number): Promise<void>
  /** The points since then. */
  passed(): Promise<readonly string[]>
  /** Resolves when it has ended. */
  readonly gone: Promise<void>
  /** SIGKILL. */
  kill(): Promise<void>
}

/**
 * Starts one.
 *
 * @param program Of `bundle('manager-program.ts')`.
 * @param crash Where it kills itself, if it counts from the opening of the root on.
 */
export function startManager(
  program: string,
  root: string,
  options: {
    readonly atTheEnd: (end: () => void) => void
    readonly crashAtOpen?: number | undefined
  },
): ManagerProcess {
  const { atTheEnd, crashAtOpen } = options
  const crash = crashAtOpen === undefined ? [] : ['open', `${crashAtOpen}`]
  const child = fork(program, [root, ...crash], { execArgv: ['--no-warnings'] })
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  let ids = 0

  function ask(method: Order['method'], args: readonly unknown[]): Promise<unknown> {
    const id = ids++
    return new Promise((resolve, reject) => {
      const answered = (answer: { id: number; value?: unknown; error?: string }): void => {
        if (answer.id !== id) return
        child.off('message', answered)
        if (answer.error === undefined) resolve(answer.value)
        else reject(new Error(answer.error))
      }
      child.on('message', answered)
      void gone.then(() => reject(new Error('the manager has ended')))
      if (child.connected) child.send({ id, method, args } satisfies Order)
    })
  }

  async function kill(): Promise<void> {
    child.kill('SIGKILL')
    await gone
  }

  atTheEnd(() => void child.kill('SIGKILL'))
  return {
    child,
    gone,
    // The program answers with what the method has returned.
    call: (method, ...args) => ask(method, args) as Promise<never>,
    async open() {
      await ask('open', [])
    },
    async arm(at) {
      await ask('arm', at === undefined ? [] : [at])
    },
    passed: () => ask('passed', []) as Promise<readonly string[]>,
    kill,
  }
}

/** Everybody alive who was started under a root, launchers included. */
export function livingUnder(root: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && isOf(name) && isAlive(Number(name)))
    .map(Number)

  function isOf(pid: string): boolean {
    try {
      return readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`\0SOCKET_PATH=${root}/`)
    } catch {
      return false
    }
  }
}

/** Ends whom a test has left under a root. */
export async function killUnder(root: string): Promise<void> {
  await until(() => {
    const left = livingUnder(root)
    for (const pid of left) process.kill(pid, 'SIGKILL')
    return left.length === 0
  })
}
