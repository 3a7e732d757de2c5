import type { Death } from '../manager-api.ts'
import type { Unit } from './unit-api.ts'
import { startFailure, stopFailure } from './unit-errors.ts'

/** Who waits until a process has started or stopped. */
export interface Waiters {
  add(wants: 'started' | 'stopped'): Promise<void>
  /**
   * Answers those whose time has come.
   *
   * @param failed How it has just died, if nobody asked for that.
   */
  settle(unit: Unit, socketPath: string, failed: Death | undefined): void
  /** Rejects the others: nothing more will be heard. */
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

  return {
    add: (wants) =>
      new Promise((resolve, reject) => {
        waiters.add({ wants, resolve, reject })
      }),
    settle(unit, socketPath, failed) {
      for (const waiter of [...waiters]) {
        const outcome = answer(waiter, unit, socketPath, failed)
        if (outcome === undefined) continue
        waiters.delete(waiter)
        if (outcome === 'resolve') waiter.resolve()
        else waiter.reject(outcome)
      }
    },
    dismiss(unit, socketPath) {
      for (const { reject } of waiters) reject(startFailure(unit, socketPath, undefined))
      waiters.clear()
    },
  }
}
