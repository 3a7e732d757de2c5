import { join } from 'node:path'
import { drive } from '@conductor/machine'
import { createRestartPolicy } from '@conductor/restart-policy'
import { type Life, type LifeEffect, type LifeInput, lifeOf } from '../life/life.ts'
import type { ProcessLog } from '../logs/process-log.ts'
import type { Death } from '../manager-api.ts'
import { openDeaths } from '../records/deaths.ts'
import { type RunRecord, writeRecord } from '../records/process-record.ts'
import { beginLaunch } from './begin-launch.ts'
import { makeDeath } from './death.ts'
import { revocableClock } from './revocable-clock.ts'
import { type Run, watchRun } from './run.ts'
import type { Unit, UnitOptions } from './unit-api.ts'
import { createUnitFiles } from './unit-files.ts'
import { infoOf } from './unit-info.ts'
import { createWaiters } from './waiters.ts'

/** Where something of a run may be alive: see {@link Life}. */
const HAVE_RUNS: readonly Life['name'][] = ['starting', 'running', 'stopping', 'failed']

/** Begins where an earlier manager left it, or stopped. */
export function createUnit(options: UnitOptions): Unit {
  const { instance, spec, given, config, epochMs, platform, ask, onEvent } = options
  const { clock, clear } = revocableClock(options.clock)
  const { name, folder, socketPath } = instance
  const trouble = (text: string, error?: unknown): void =>
    onEvent({ type: 'trouble', name, text: `${name}: ${text}`, ...(error ? { error } : {}) })
  const policy = createRestartPolicy(spec.restart)
  const deaths = openDeaths(folder, (error) => trouble('its tally cannot be kept', error))
  const waiters = createWaiters()
  const files = createUnitFiles(instance)
  let log: ProcessLog | undefined
  let run: Run | undefined
  let unguard: (() => void) | undefined
  let launches = options.found?.launches ?? 0
  let lastError: string | undefined
  let changedAt = clock.date()
  let launchError: Error | undefined
  const obituaries: (() => Death)[] = []
  let flushing = false
  let isNews = false
  let detached = false

  const driver = drive<Life, LifeInput, LifeEffect>({
    initial: options.life,
    transition: lifeOf({
      policy,
      startupTimeoutMs: spec.startupTimeoutMs,
      graceMs: spec.stop.graceMs,
      epochMs,
    }),
    timeout: { type: 'timeout' },
    perform,
    onChange(next, previous) {
      if (next.name !== previous.name) changedAt = clock.date()
      if (next.name === 'running') run?.watchHealth()
      if (next.name === 'stopped' && previous.name === 'failed') forgetRun()
      // A launch and an end are written down by themselves, together with what they begin.
      if (!['waiting', 'starting', 'stopping'].includes(next.name)) save()
      changed()
    },
    clock,
  })

  function perform(effect: LifeEffect): void {
    if (detached) return
    switch (effect.type) {
      case 'ask':
        ask(unit)
        break
      case 'launch':
        launch()
        break
      case 'terminate':
        // Written first: a manager that dies now is followed by one that goes on ending it.
        save()
        if (run) run.terminate()
        else send({ type: 'empty' })
        break
      case 'kill':
        run?.kill()
        break
      case 'died':
        bury(effect)
        break
    }
  }

  function launch(): void {
    let next: Run
    try {
      files.prepare()
      const { record, launched } = beginLaunch({
        instance,
        spec,
        baseEnv: options.baseEnv,
        platform,
        log: openLog(),
        now: clock.date(),
      })
      next = watch(record, launched)
      run = next
      launches++
      try {
        write()
        files.noteRun(record.identity)
        if (!spec.outlive) unguard = platform.guard(next.tree, spec.stop)
      } catch (error) {
        // What cannot be written down must not run: the next manager would not know of it.
        launched.abandon()
        throw error
      }
      launched.go()
      launchError = undefined
    } catch (error) {
      launchError = error instanceof Error ? error : new Error(String(error))
      const code = 'code' in launchError ? String(launchError.code) : 'EUNKNOWN'
      // Not at once: with a policy without delay this would never return.
      clock.setTimeout(() => send({ type: 'launchFailed', errno: code }), 0)
      return
    }
    next.awaitReady()
  }

  function watch(record: RunRecord, launched?: Parameters<typeof watchRun>[0]['launched']): Run {
    const watched: Run = watchRun({
      spec,
      socketPath,
      record,
      launched,
      log: openLog(),
      platform,
      clock,
      // The late words of a run that is over are about nobody.
      send: (input) => {
        if (run === watched) send(input)
      },
      onChange: changed,
      onUsage: (usage) => onEvent({ type: 'usage', name, usage }),
      onTrouble: trouble,
    })
    return watched
  }

  function bury(effect: Extract<LifeEffect, { type: 'died' }>): void {
    const over = run
    const survived = effect.decision.action === 'survivors'
    const end = over ? openLog().size().endOffset : undefined
    const at = clock.date()
    const cause = launchError
    obituaries.push(() =>
      makeDeath({ name, at, effect, run: over, log: openLog(), end, launchError: cause }),
    )
    if (over && !survived) {
      over.detach()
      unguard?.()
      unguard = undefined
      run = undefined
      clearUp(over)
    }
    changed()
  }

  /** A stop is all that a person can say about a run of which nothing can be told. */
  function forgetRun(): void {
    run?.detach()
    run = undefined
  }

  function clearUp({ record, tree }: Run): void {
    try {
      files.clearUp(record.identity)
      if (tree.cgroup !== undefined) platform.removeCgroup(tree.cgroup)
    } catch (error) {
      trouble('its files could not be removed', error)
    }
  }

  /** For what has happened anyhow: a full disk must not stop the manager. */
  function save(): void {
    try {
      write()
    } catch (error) {
      trouble('its record could not be written', error)
    }
  }

  function write(): void {
    if (detached) return
    const { life } = unit
    writeRecord(folder, {
      v: 1,
      name,
      spec: given,
      ...(config ? { config } : {}),
      life:
        'deadlineMs' in life && life.deadlineMs !== undefined
          ? { ...life, deadlineMs: life.deadlineMs + epochMs }
          : life,
      // Once all of it has ended it is not to be found again, though it is buried a moment later.
      ...(run && HAVE_RUNS.includes(life.name)
        ? {
            run: {
              ...run.record,
              ...(life.name === 'running' ? { readyAt: life.policy.readyMs ?? clock.date() } : {}),
            },
          }
        : {}),
      launches,
    })
  }

  function send(input: LifeInput): void {
    if (!detached) driver.send(input)
  }

  /** After the machine has come to rest: the tally, one event for all that changed, and who waits. */
  function changed(): void {
    isNews = true
    flush()
  }

  function flush(): void {
    if (flushing) return
    flushing = true
    queueMicrotask(() => {
      flushing = false
      // A launch writes it down; only one that has to wait for that does it here.
      if (unit.life.name === 'waiting' && spec.outlive) save()
      let failed: Death | undefined
      for (const obituary of obituaries.splice(0)) {
        const death = obituary()
        if (death.exit.kind !== 'requested') {
          failed = death
          lastError = death.text
        }
        deaths.add(death)
        onEvent({ type: 'death', name, death })
      }
      if (detached) return waiters.dismiss(unit, socketPath)
      if (isNews) onEvent({ type: 'changed', name, info: unit.info() })
      isNews = false
      waiters.settle(unit, socketPath, failed)
    })
  }

  function wait(wants: 'started' | 'stopped'): Promise<void> {
    const outcome = waiters.add(wants)
    flush()
    return outcome
  }

  function openLog(): ProcessLog {
    log ??= platform.openLog(join(folder, 'log'), spec.logs, (error) => trouble('its log', error))
    return log
  }

  const unit: Unit = {
    name,
    spec,
    given,
    deaths,
    get life() {
      return driver.state
    },
    get run() {
      return run
    },
    get log() {
      return openLog()
    },
    info: () => infoOf({ unit, config, launches, lastError, changedAt, epochMs }),
    send,
    started: () => wait('started'),
    stopped: () => wait('stopped'),
    async detach() {
      detached = true
      clear()
      run?.detach()
      waiters.dismiss(unit, socketPath)
      await log?.close()
    },
  }

  // What is to outlive its manager must be known to the next one from the beginning.
  if (!options.found && spec.outlive) save()
  const left = options.found?.run
  if (left) {
    run = watch(left)
    if (unit.life.name === 'running') run.watchHealth()
    else if (unit.life.name === 'starting') run.awaitReady()
    else if (unit.life.name === 'stopping') run.terminate()
  }
  return unit
}
