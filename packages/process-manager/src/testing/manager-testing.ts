import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '@conductor/machine'
import { type ManagerInTest, managerInTest, temporaryFolder } from '@conductor/testing'
// biome-ignore lint/correctness/noUndeclaredDependencies: only tests import this file.
import { onTestFinished } from 'vitest'
import type { ManagerEvent, ProcessManager } from '../manager-api.ts'
import type { BackgroundProcessConfig } from '../plugins/background-process-config.ts'
import { createProcessManager, type ProcessManagerOptions } from '../process-manager.ts'
import type { ProcessSpec } from '../spec/process-spec.ts'
import type { Platform } from '../unit/platform.ts'
import { createSystemPlatform } from '../unit/system-platform.ts'

/** A daemon that does as its flags say. */
export const DAEMON: string = join(import.meta.dirname, 'daemon.mjs')

/** For a busy machine. */
const PATIENCE_MS = 20_000

export interface TestManager extends ManagerInTest<ProcessManager> {
  readonly root: string
  readonly events: readonly ManagerEvent[]
}

/** A manager on a folder of its own that leaves nothing behind. */
export async function openManager(
  options: Partial<ProcessManagerOptions> = {},
): Promise<TestManager> {
  const root = options.root ?? temporaryFolder(onTestFinished)
  const events: ManagerEvent[] = []
  const manager = await createProcessManager({
    root,
    ...options,
    onEvent: (event) => void events.push(event),
  })
  return {
    ...managerInTest(manager, { atTheEnd: onTestFinished, patienceMs: PATIENCE_MS }),
    root,
    events,
  }
}

/** The test daemon, as the document writes it. */
export function daemonConfig(
  root: string,
  name: string,
  flags: readonly string[] = [],
  more: Partial<BackgroundProcessConfig> = {},
): BackgroundProcessConfig {
  return {
    pluginName: name,
    pluginPath: root,
    command: process.execPath,
    args: [DAEMON, ...flags],
    socketPath: join(root, name, 'daemon.sock'),
    startupTimeout: PATIENCE_MS,
    shutdownGracePeriod: 5_000,
    ...more,
  }
}

/** The same as a spec, ready when it listens. */
export function daemonSpec(
  name: string,
  flags: readonly string[] = [],
  more: Partial<ProcessSpec> = {},
): ProcessSpec {
  return {
    name,
    command: process.execPath,
    args: [DAEMON, ...flags],
    ready: { kind: 'socket' },
    ...more,
  }
}

/** A program that only sleeps: the fastest daemon there is. */
export function sleeper(name: string, more: Partial<ProcessSpec> = {}): ProcessSpec {
  return { name, command: 'sleep', args: ['1000'], ...more }
}

/** A program in the language of the shell, which starts at once. Its folder is its own. */
export function script(name: string, text: string, more: Partial<ProcessSpec> = {}): ProcessSpec {
  return { name, command: '/bin/sh', args: ['-c', text], ...more }
}

/**
 * The real platform of a user who may make no cgroups: what escapes has to be found.
 *
 * @param change What is to be otherwise.
 */
export function plainPlatform(
  change: (real: Platform) => Partial<Platform> = () => ({}),
): Platform {
  const real = createSystemPlatform({
    clock: systemClock,
    usageIntervalMs: 100,
    keepAlive: true,
    useCgroups: false,
    onTrouble: () => {},
  })
  return { ...real, makeCgroup: () => undefined, ...change(real) }
}

/** The numbers that a file has, one in each line; none if there is no file. */
export function pidsIn(path: string): number[] {
  try {
    return readFileSync(path, 'utf8').split('\n').filter(Boolean).map(Number)
  } catch {
    return []
  }
}

/** Restarts without a delay, for ever. */
export const AT_ONCE: NonNullable<ProcessSpec['restart']> = {
  mode: 'always',
  delay: { kind: 'fixed', delayMs: 0 },
}
