import { type Clock, drive } from '@conductor/machine'
import {
  type RollingEffect,
  type RollingInput,
  type RollingState,
  rollingState,
  rollingTransition,
} from '../order/rolling.ts'
import { ProcessManagerError } from '../process-manager-error.ts'
import type { Unit } from '../unit/unit-api.ts'
import type { Definition } from './roster.ts'

/** Beside its stop and its start, for a busy machine, in milliseconds. */
const SLACK_MS = 30_000

export interface RollingRestart {
  /** To be told of every change of a unit. */
  changed(unit: Unit): void
}

/**
 * Replaces the replicas of a process one after the other.
 *
 * @param register Called with what wants to hear of changes; returns the unsubscribe.
 * @returns Resolves when all are new and ready. @throws ProcessManagerError `ROLLING_FAILED`.
 */
export function rollingRestart(
  { name, spec, units }: Definition,
  by: string | undefined,
  clock: Clock,
  register: (rolling: RollingRestart) => () => void,
): Promise<void> {
  const unitOf = new Map(units.map((unit) => [unit.name, unit]))
  const ready = units.filter(isReady).map((unit) => unit.name)
  const rules = {
    minReady: Math.min(spec.minReady, ready.length),
    atATime: 1,
    patienceMs: spec.startupTimeoutMs + spec.stop.graceMs + SLACK_MS,
  }

  return new Promise((resolve, reject) => {
    const driver = drive<RollingState, RollingInput, RollingEffect>({
      initial: rollingState(
        units.map((unit) => unit.name),
        ready,
      ),
      transition: (state, input, nowMs) => rollingTransition(state, input, { ...rules, nowMs }),
      timeout: { type: 'timeout' },
      perform({ type, instance }) {
        const unit = unitOf.get(instance)
        if (!unit) return
        if (type === 'start') unit.send({ type: 'start' })
        else if (atRest(unit)) driver.send({ type: 'exited', instance })
        else unit.send({ type: 'stop', ...(by === undefined ? {} : { by }) })
      },
      onChange(state) {
        if (state.name !== 'done' && state.name !== 'failed') return
        unregister()
        if (state.name === 'done') resolve()
        else
          reject(
            new ProcessManagerError(
              'ROLLING_FAILED',
              `rolling restart of '${name}' stopped: ${state.reason}. Replaced: ${state.replaced.join(', ') || 'none'}; left as they were: ${state.todo.join(', ') || 'none'}`,
            ),
          )
      },
      clock,
    })
    const unregister = register({
      changed(unit) {
        const instance = unit.name
        if (unitOf.get(instance) !== unit) return
        const { life } = unit
        if (isReady(unit)) driver.send({ type: 'ready', instance })
        else if (life.name === 'running') driver.send({ type: 'unready', instance })
        else if (life.name === 'stopped') driver.send({ type: 'exited', instance })
        else if (life.name === 'backoff' || life.name === 'failed')
          driver.send({
            type: 'failed',
            instance,
            reason: unit.info().lastError ?? 'it ended before it was ready',
          })
      },
    })
    driver.send({ type: 'begin' })
  })
}

function isReady({ life, run }: Unit): boolean {
  return life.name === 'running' && (run?.ready ?? false)
}

/** Nothing of it runs: a stop would change nothing that anybody hears of. */
function atRest({ life }: Unit): boolean {
  return life.name === 'stopped'
}
