import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Answer, Order } from './worker.ts'

const here = fileURLToPath(new URL('..', import.meta.url))
const identity = fileURLToPath(new URL('../../../process-identity/src', import.meta.url))

/**
 * Writes this package into `folder` as plain JavaScript, which every Node runs.
 *
 * @param toJavaScript Takes the types away.
 * @returns the path of the worker's program.
 */
export function writeWorker(folder: string, toJavaScript: (text: string) => string): string {
  const packages = [
    { from: here, to: folder },
    { from: identity, to: join(folder, 'node_modules/@conductor/process-identity') },
  ]
  for (const { from, to } of packages) {
    for (const name of readdirSync(from, { recursive: true, encoding: 'utf8' })) {
      if (!name.endsWith('.ts') || name.endsWith('.test.ts')) continue
      const target = join(to, relative(from, join(from, name)).replace(/\.ts$/, '.js'))
      mkdirSync(dirname(target), { recursive: true })
      writeFileSync(target, toJavaScript(readFileSync(join(from, name), 'utf8')))
    }
    writeFileSync(join(to, 'package.json'), '{"type":"module","exports":"./index.js"}')
  }
  return join(folder, 'testing/worker.js')
}

/** A process that claims and releases on command. */
export interface Worker {
  readonly child: ChildProcess
  /** @throws when it ends before it answers. */
  ask(order: Order): Promise<Answer>
}

/** Starts a worker that ends with its test. */
export async function startWorker(
  program: string,
  atTheEnd: (stop: () => void) => void,
): Promise<Worker> {
  const child = fork(program, {
    execArgv: ['--no-warnings'],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  atTheEnd(() => void child.kill('SIGKILL'))
  await once(child, 'message')
  return {
    child,
    ask(order) {
      return new Promise((resolve, reject) => {
        const ended = (code: number | null, signal: string | null): void =>
          reject(new Error(`the worker ended: ${signal ?? code}`))
        child.once('exit', ended)
        child.once('message', (answer: Answer) => {
          child.off('exit', ended)
          resolve(answer)
        })
        child.send(order)
      })
    },
  }
}
