import { accessSync, constants, statSync } from 'node:fs'
import { type CheckSpec, watchProbe } from '@conductor/health'
import type { Clock } from '@conductor/machine'
import { type ProcessIdentity, processState } from '@conductor/process-identity'
import { createGuard } from '../launch/guard.ts'
import { launch } from '../launch/launch.ts'
import { resolveCommand } from '../launch/resolve-command.ts'
import { openProcessLog } from '../logs/process-log.ts'
import { findCgroupParent, makeCgroup, removeCgroup } from '../tree/cgroup.ts'
import { createProcessTable } from '../tree/process-table.ts'
import { ticksNow } from '../tree/tree-readers.ts'
import { createTrees } from '../tree/trees.ts'
import { createUsageSampler } from '../usage/usage.ts'
import type { Platform } from './platform.ts'

export interface SystemPlatformOptions {
  readonly clock: Clock
  readonly usageIntervalMs: number
  readonly keepAlive: boolean
  readonly useCgroups: boolean
  readonly onTrouble: (text: string, error?: unknown) => void
}

/** Nobody tells us of the end of what is not our child: so often it is looked for, in milliseconds. */
const ADOPTED_LOOK_MS = 1_000

/** The machine we run on. */
export function createSystemPlatform(options: SystemPlatformOptions): Platform {
  const { clock, usageIntervalMs, keepAlive, useCgroups, onTrouble } = options
  const table = createProcessTable()
  const trees = createTrees({ table, clock })
  const sampler = createUsageSampler({
    table,
    clock,
    intervalMs: usageIntervalMs,
    membersIn: trees.membersIn,
  })
  const exits = watchExits(clock)
  const guard = createGuard({ clock, onTrouble: (error) => onTrouble(error.message, error) })
  const cgroupParent = useCgroups ? findCgroupParent() : undefined

  return {
    resolveCommand: rememberCommands(),
    launch: (launched) => launch({ ...launched, keepAlive }),
    watchExit: exits.watch,
    guard({ leader, cookie }, { signal, graceMs }) {
      guard.watch(leader, { signal, graceMs, cookie })
      return () => guard.forget(leader)
    },
    isGroupEmpty: trees.isGroupEmpty,
    hasOrphans: trees.hasOrphans,
    signalTree: trees.signal,
    killTree: trees.kill,
    whenEmpty: (tree, signal) => trees.whenEmpty(tree, { signal }),
    members: trees.members,
    ticksNow,
    makeCgroup(name) {
      return cgroupParent === undefined ? undefined : makeCgroup(cgroupParent, `conductor-${name}`)
    },
    removeCgroup,
    watchCheck(check: CheckSpec, { result, change }) {
      const watch = watchProbe(check, {
        clock,
        onResult: result,
        onChange: (state) => {
          if (state !== 'unknown') change(state)
        },
      })
      return {
        get failures() {
          return watch.failures
        },
        get last() {
          return watch.last
        },
        close: () => void watch.close(),
      }
    },
    watchUsage: (tree, listener) =>
      sampler.register(tree, ({ rssBytes, cpuPercent, processes }) =>
        listener({ rssBytes, processes, ...(cpuPercent === undefined ? {} : { cpuPercent }) }),
      ),
    openLog: (folder, { maxBytes, files }, onLogTrouble) =>
      openProcessLog({ folder, maxBytes, files, clock, onTrouble: onLogTrouble }),
    async close() {
      exits.close()
      await guard.close()
    },
  }
}

/** A restart runs what the start ran, as long as that can be run: the search takes many times as long. */
function rememberCommands(): Platform['resolveCommand'] {
  const found = new Map<string, string>()
  return (command, cwd, path) => {
    const key = JSON.stringify([command, cwd, path])
    const known = found.get(key)
    if (known !== undefined && isExecutable(known)) return known
    const file = resolveCommand(command, { cwd, path })
    found.set(key, file)
    return file
  }
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return statSync(file).isFile()
  } catch {
    return false
  }
}

/** Looks for the ends of processes that are not our children, all of them in one round. */
function watchExits(clock: Clock): {
  watch(identity: ProcessIdentity, listener: () => void): () => void
  close(): void
} {
  const watched = new Map<() => void, ProcessIdentity>()
  let timer: unknown

  function look(): void {
    timer = undefined
    for (const [listener, identity] of [...watched]) {
      if (processState(identity) !== 'dead') continue
      watched.delete(listener)
      listener()
    }
    arm(ADOPTED_LOOK_MS)
  }

  function arm(delayMs: number): void {
    if (watched.size > 0) timer ??= clock.setTimeout(look, delayMs)
  }

  return {
    watch(identity, listener) {
      watched.set(listener, identity)
      // What is dead already is told soon, but not before the caller is ready for it.
      if (processState(identity) === 'dead') {
        clock.clearTimeout(timer)
        timer = undefined
        arm(0)
      } else arm(ADOPTED_LOOK_MS)
      return () => void watched.delete(listener)
    },
    close() {
      clock.clearTimeout(timer)
      watched.clear()
    },
  }
}
