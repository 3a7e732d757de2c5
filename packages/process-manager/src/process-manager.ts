import { rmSync } from 'node:fs'
import { getuid, env as ownEnv } from 'node:process'
import { isDeepStrictEqual } from 'node:util'
import { type Clock, systemClock } from '@conductor/machine'
import { createRestartPolicy } from '@conductor/restart-policy'
import { createDependencies } from './manager/dependencies.ts'
import { openRoot } from './manager/open-root.ts'
import { startInOrder, stopInOrder, stopUnits } from './manager/order-of-work.ts'
import { type Keeper, restoreAll } from './manager/restore.ts'
import { type RollingRestart, rollingRestart } from './manager/rolling-restart.ts'
import { createRoster, type Definition } from './manager/roster.ts'
import { createStrategies } from './manager/strategies.ts'
import { whyOf } from './manager/why.ts'
import type { Asked, ManagerEvent, ProcessManager } from './manager-api.ts'
import type { BackgroundProcessConfig } from './plugins/background-process-config.ts'
import { toProcessSpec } from './plugins/to-process-spec.ts'
import { alreadyRunning, ProcessManagerError, shuttingDown } from './process-manager-error.ts'
import { removeRecord } from './records/process-record.ts'
import { checkSpec } from './spec/check-spec.ts'
import type { ProcessSpec } from './spec/process-spec.ts'
import { withoutUndefined } from './spec/without-undefined.ts'
import type { Platform } from './unit/platform.ts'
import { createSystemPlatform } from './unit/system-platform.ts'
import { createUnit } from './unit/unit.ts'
import type { Unit } from './unit/unit-api.ts'

export interface ProcessManagerOptions {
  /** Absolute. Has a folder for each process; made with mode 0700. One manager at a time may have it. */
  readonly root: string
  /** What daemons inherit, less secrets and supervisor variables (default: this program's environment). */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** How often the memory and CPU of each tree are measured, in milliseconds (default: 15,000). */
  readonly usageIntervalMs?: number
  /**
   * Whether each daemon gets a cgroup (v2) of its own, where one can be made: then nothing escapes its
   * end, whatever it does. Moving there takes the kernel some 10 ms each time. Default: where the cgroup
   * was delegated to us, which means that we are not root, who may write into those of others, too.
   */
  readonly cgroups?: boolean
  /** Whether this program stays alive for its daemons (default: true). */
  readonly keepAlive?: boolean
  /** Hears everything from the first moment, also what is found and adopted (default: nobody). */
  readonly onEvent?: (event: ManagerEvent) => void
  /** For tests (default: the machine's). */
  readonly clock?: Clock
  /** For tests (default: the real one). */
  readonly platform?: Platform
}

/**
 * Opens a manager on a folder, and finds again what an earlier one left there: daemons that were to
 * outlive it are adopted by pid, start time and boot, those that were not are ended.
 *
 * @throws ProcessManagerError `LOCKED` when another manager has this root; `UNWRITABLE` when it cannot
 * be used.
 */
export async function createProcessManager(
  options: ProcessManagerOptions,
): Promise<ProcessManager> {
  const { root, clock = systemClock, env = ownEnv, onEvent } = options
  const epochMs = clock.date() - clock.now()
  const claim = await openRoot(root)
  const listeners = new Set<(event: ManagerEvent) => void>(onEvent ? [onEvent] : [])
  const roster = createRoster()
  const dependencies = createDependencies(roster)
  const strategies = createStrategies(roster, dependencies)
  const rollings = new Set<RollingRestart>()
  const platform =
    options.platform ??
    createSystemPlatform({
      clock,
      usageIntervalMs: options.usageIntervalMs ?? 15_000,
      keepAlive: options.keepAlive ?? true,
      useCgroups: options.cgroups ?? getuid?.() !== 0,
      onTrouble: (text, error) => emit({ type: 'trouble', text, ...(error ? { error } : {}) }),
    })
  let isShuttingDown = false
  let closing: Promise<void> | undefined

  function emit(event: ManagerEvent): void {
    for (const listener of [...listeners]) listener(event)
  }

  function onUnitEvent(unit: Unit, event: ManagerEvent): void {
    // One that has been replaced speaks of the past.
    if (roster.definitionOf(unit)?.units.includes(unit)) {
      if (event.type === 'death' && event.death.exit.kind !== 'requested')
        strategies.died(unit, event.death)
      if (event.type === 'changed') {
        if (unit.run) strategies.launched(unit)
        for (const rolling of [...rollings]) rolling.changed(unit)
        dependencies.review()
      }
    }
    emit(event)
  }

  const keeper: Keeper = {
    root,
    clock,
    epochMs,
    roster,
    emit,
    define,
  }

  function define(given: ProcessSpec, from: Parameters<Keeper['define']>[1] = {}): Definition {
    const spec = checkSpec(given, { root })
    const initial = createRestartPolicy(spec.restart)
    const units = spec.instances.map((instance, index) => {
      const left = from.leftovers?.find(({ record }) => record.name === instance.name)
      const unit: Unit = createUnit({
        instance,
        spec,
        given,
        config: from.config,
        clock,
        epochMs,
        platform,
        baseEnv: env,
        life: left?.life ?? { name: 'stopped', policy: initial.initial(seedOf(given.name, index)) },
        found: left?.record,
        ask: dependencies.ask,
        onEvent: (event) => onUnitEvent(unit, event),
      })
      return unit
    })
    const definition = { name: spec.name, given, spec, config: from.config, units }
    roster.put(definition)
    return definition
  }

  async function replace(
    given: ProcessSpec,
    config?: BackgroundProcessConfig,
  ): Promise<Definition> {
    const known = roster.definitions.get(given.name)
    if (known) {
      const busy = known.units.find((unit) => unit.run !== undefined)
      if (busy) throw alreadyRunning(given.name, busy.info().state)
      // Before the old one goes: a bad spec changes nothing.
      checkSpec(given, { root })
      for (const unit of known.units) unit.send({ type: 'stop' })
      await Promise.all(known.units.map((unit) => unit.detach()))
    }
    const definition = define(given, { config })
    const { outlive, instances } = definition.spec
    const kept = outlive ? instances.map((each) => each.folder) : []
    for (const { folder } of known?.spec.instances ?? [])
      if (!kept.includes(folder)) removeRecord(folder)
    if (!known) emit({ type: 'added', name: given.name })
    return definition
  }

  function requireOpen(name: string): void {
    if (isShuttingDown) throw shuttingDown(name)
  }

  async function up(names: readonly string[], onFailed: (unit: Unit) => void): Promise<void> {
    for (const name of names) requireOpen(name)
    await startInOrder(roster, chosen(names), onFailed)
  }

  function chosen(names: readonly string[]): Definition[] {
    return names.flatMap((name) => roster.findDefinitions(name))
  }

  async function restart(definition: Definition, by: string | undefined): Promise<void> {
    if (definition.units.length > 1) {
      await rollingRestart(definition, by, clock, (rolling) => {
        rollings.add(rolling)
        return () => rollings.delete(rolling)
      })
      return
    }
    await Promise.all(
      definition.units.map((unit) => {
        unit.send({ type: 'restart', ...(by === undefined ? {} : { by }) })
        return unit.started()
      }),
    )
  }

  function one(name: string): Unit {
    const [unit] = roster.find(name)
    if (!unit) throw new ProcessManagerError('UNKNOWN_PROCESS', `there is no process "${name}"`)
    return unit
  }

  async function end(): Promise<void> {
    isShuttingDown = true
    const mortal = [...roster.definitions.values()].filter(({ spec }) => !spec.outlive)
    try {
      await stopInOrder(roster, mortal, 'only', 'the end of its manager')
    } finally {
      await Promise.all(roster.units().map((unit) => unit.detach()))
      await platform.close()
      await claim.release()
    }
  }

  const manager: ProcessManager = {
    async startProcess(config) {
      requireOpen(config.pluginName)
      await keeperOrphan(config.pluginName)
      const unit = roster.one(config.pluginName)
      const { state, phase } = unit?.info() ?? {}
      if (state && phase !== 'failed' && phase !== 'backoff' && phase !== 'stopped')
        throw alreadyRunning(config.pluginName, state)
      await replace(toProcessSpec(config), config)
      // Whoever asked hears of the failure and decides: there is no next try behind their back.
      await up([config.pluginName], (unit) => unit.send({ type: 'abandon' }))
    },
    async stopProcess(name, { by } = {}) {
      if (!roster.knows(name)) return
      const failures = await stopUnits(roster.find(name), by)
      if (failures.length > 0) throw failures[0]
    },
    async stopAllProcesses({ by }: Asked = {}) {
      isShuttingDown = true
      await stopInOrder(roster, [...roster.definitions.values()], 'only', by)
    },
    isRunning: (name) => roster.one(name)?.life.name === 'running',
    getState: (name) => roster.one(name)?.info().state,
    getPid: (name) => roster.one(name)?.run?.record.identity.pid,
    getProcessInfo: (name) => roster.one(name)?.info(),

    async add(given) {
      const spec = withoutUndefined(given)
      await keeperOrphan(spec.name)
      requireOpen(spec.name)
      const known = roster.definitions.get(spec.name)
      if (known && isDeepStrictEqual(known.given, spec)) return
      await replace(spec)
    },
    async remove(name, { by } = {}) {
      const definitions = roster.findDefinitions(name)
      const failures = await stopUnits(
        definitions.flatMap((each) => each.units),
        by,
      )
      if (failures.length > 0) throw failures[0]
      for (const { name: each, spec, units } of definitions) {
        await Promise.all(units.map((unit) => unit.detach()))
        roster.drop(each)
        for (const { folder } of spec.instances) rmSync(folder, { recursive: true, force: true })
        emit({ type: 'removed', name: each })
      }
      dependencies.review()
    },
    defineGroup: (name, group) => strategies.define(name, group),
    up: (names = [...roster.definitions.keys()]) => up(names, () => {}),
    down: (names = [...roster.definitions.keys()], { by }: Asked = {}) =>
      stopInOrder(roster, chosen(names), 'dependents', by),
    start: (name) => up([name], () => {}),
    async restart(name, { by }: Asked = {}) {
      requireOpen(name)
      const exact = roster.find(name)
      if (exact.length === 1 && exact[0]?.name === name) {
        const [unit] = exact
        unit?.send({ type: 'restart', ...(by === undefined ? {} : { by }) })
        await unit?.started()
        return
      }
      for (const definition of roster.findDefinitions(name)) await restart(definition, by)
    },
    list: () => roster.units().map((unit) => unit.info()),
    why(name) {
      const unit = one(name)
      return whyOf(unit, dependencies.blockers(unit), clock.now())
    },
    deaths: (name) =>
      roster
        .find(name)
        .flatMap((unit) => unit.deaths.list())
        .sort((a, b) => a.at - b.at),
    log: (name) => one(name).log,
    subscribe(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    close() {
      closing ??= end()
      return closing
    },
    [Symbol.asyncDispose]: () => manager.close(),
  }

  const orphans = restoreAll(keeper)
  const keeperOrphan = (name: string): Promise<void> => orphans.get(name) ?? Promise.resolve()
  dependencies.review()
  return manager
}

/** Not chance: the same process draws the same jitter, replicas draw different ones. */
function seedOf(name: string, index: number): number {
  let hash = index
  for (const char of name) hash = (Math.imul(hash, 31) + (char.codePointAt(0) ?? 0)) >>> 0
  return hash
}
