import { spawn } from 'node:child_process'
import process from 'node:process'
import { type Claim, claim } from '../claim.ts'
import { pidFormat } from '../format.ts'
import type { Backend } from '../holder.ts'
import { isPidfileError } from '../pidfile-error.ts'

/** What a worker is told to do. */
export type Order =
  | {
      readonly type: 'claim'
      readonly path: string
      readonly backend: Backend
      /** Not before this moment, in milliseconds since 1970: the barrier of a race. */
      readonly atMs?: number
      /** Ends itself by SIGKILL at this step, counted from 0, of a claim, an update and a release. */
      readonly crashAt?: number
    }
  | { readonly type: 'release' }
  /** Starts a child of its own, which stays. */
  | { readonly type: 'child' }

/** What it answers. */
export type Answer =
  | { readonly type: 'ready' }
  | { readonly type: 'claimed' }
  | { readonly type: 'refused'; readonly code: string; readonly holderPid?: number | undefined }
  | { readonly type: 'done'; readonly steps: readonly string[] }
  | { readonly type: 'child'; readonly pid: number }

let mine: Claim | undefined

async function obey(order: Order): Promise<Answer> {
  switch (order.type) {
    case 'claim':
      return order.crashAt === undefined ? race(order) : crash(order, order.crashAt)
    case 'release':
      await mine?.release()
      return { type: 'done', steps: [] }
    case 'child': {
      const child = spawn('sleep', ['1000'], { stdio: 'ignore', detached: true })
      return { type: 'child', pid: child.pid ?? 0 }
    }
  }
}

async function race({ path, backend, atMs = 0 }: Order & { type: 'claim' }): Promise<Answer> {
  while (performance.timeOrigin + performance.now() < atMs);
  try {
    mine = await claim(path, pidFormat, { backend })
    return { type: 'claimed' }
  } catch (error) {
    if (isPidfileError(error))
      return { type: 'refused', code: error.code, holderPid: error.holder?.pid }
    return { type: 'refused', code: String(error) }
  }
}

async function crash(
  { path, backend }: Order & { type: 'claim' },
  crashAt: number,
): Promise<Answer> {
  const steps: string[] = []
  const onStep = (step: string): void => {
    if (steps.length === crashAt) process.kill(process.pid, 'SIGKILL')
    steps.push(step)
  }
  const one = await claim(path, pidFormat, { backend }, { onStep })
  one.update({ port: 1 })
  await one.release()
  return { type: 'done', steps }
}

process.on('message', (order: Order) => {
  void obey(order).then((answer) => process.send?.(answer))
})
process.send?.({ type: 'ready' } satisfies Answer)
