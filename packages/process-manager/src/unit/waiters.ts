import type { Death } from '../manager-api.ts'
import type { Unit } from './unit-api.ts'
import { startFailure, stopFailure, stopLeft } from './unit-errors.ts'

/** Who waits until a process has started or stopped. */
export interface Waiters {
  add(wants: 'started' | 'stopped'): Promise<void>
  /**
   * Answers those whose time has come.
   *
   * @param failed How it has just died, if nobody asked for that.
   */
  settle(unit: Unit, socketPath: string, failed: Death | undefined): void
  /** The same at the end; rejects the others, since nothing more will be heard. */
  dismiss(unit: Unit, socketPath: string): void
}

interface Waiter {
  readonly wants: 'started' | 'stopped'
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

/** States that may still lead to a start without anybody's help. */
const HOPEFUL = ['waiting', 'starting', 'stopping']

export function createWaiters(): Waiters {
  const waiters = new Set<Waiter>()

  function answer({ wants }: Waiter, unit: Unit, socketPath: string, failed: Death | undefined) {
    const { life, run } = unit
    if (wants === 'stopped') {
      if (life.name === 'stopped') return 'resolve'
      if (life.name === 'failed' && life.reason.kind === 'survivors')
        return stopFailure(unit.name, run?.survivors ?? [])
      return undefined
    }
    if (life.name === 'running' || (life.name === 'stopped' && life.completed)) return 'resolve'
    if (failed || !HOPEFUL.includes(life.name)) return startFailure(unit, socketPath, failed)
    return undefined
  }

  function settle(unit: Unit, socketPath: string, failed: Death | undefined): void {
    for (const waiter of [...waiters]) {
      const outcome = answer(waiter, unit, socketPath, failed)
      if (outcome === undefined) continue
      waiters.delete(waiter)
      if (outcome === 'resolve') waiter.resolve()
      else waiter.reject(outcome)
    }
  }

  return {
    add: (wants) =>
      new Promise((resolve, reject) => {
        waiters.add({ wants, resolve, reject })
      }),
    settle,
    dismiss(unit, socketPath) {
      settle(unit, socketPath, undefined)
      for (const { wants, reject } of waiters)
        reject(
          wants === 'started' ? startFailure(unit, socketPath, undefined) : stopLeft(unit.name),
        )
      waiters.clear()
    },
  }
}
