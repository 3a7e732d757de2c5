import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import {
  createProcessManager,
  type ManagerEvent,
  type ProcessManager,
} from '@conductor/process-manager'
import type { RestartPolicyOptions } from '@conductor/restart-policy'
import {
  DAEMON_PATH,
  type ManagerInTest,
  managerInTest,
  processesIn,
  signalAll,
  temporaryFolder,
} from '@conductor/testing'

/** For a busy machine, in milliseconds. */
export const PATIENCE_MS = 40_000

/** Back soon and for ever, so that a test need not wait. A moment for what a killed daemon has left. */
export const SOON: RestartPolicyOptions = {
  mode: 'always',
  delay: { kind: 'fixed', delayMs: 100 },
}

/** What the daemons of the tests inherit. */
export const ENVIRONMENT: Readonly<Record<string, string>> = { PATH: DAEMON_PATH, LC_ALL: 'C' }

/** Folders of a test; whoever still works there at its end is killed. */
export interface Place {
  readonly folder: string
  /** Of the manager. */
  readonly root: string
}

/** @param atTheEnd `onTestFinished` of vitest. */
export function makePlace(atTheEnd: (end: () => void) => void): Place {
  const folder = temporaryFolder(atTheEnd)
  const root = join(folder, 'root')
  mkdirSync(root, { mode: 0o700 })
  atTheEnd(() => signalAll(processesIn(folder), 'SIGKILL'))
  return { folder, root }
}

export interface World extends Place, ManagerInTest<ProcessManager> {
  readonly events: readonly ManagerEvent[]
  /** Its whole output. */
  output(name: string): string
}

/** A manager with a folder of its own that leaves nothing behind. */
export async function openWorld(
  atTheEnd: (end: () => void | Promise<void>) => void,
  place: Place = makePlace(atTheEnd),
): Promise<World> {
  const events: ManagerEvent[] = []
  const manager = await createProcessManager({
    root: place.root,
    env: ENVIRONMENT,
    onEvent: (event) => void events.push(event),
  })
  return {
    ...place,
    ...managerInTest(manager, { atTheEnd, patienceMs: PATIENCE_MS }),
    events,
    output: (name) => manager.log(name).tail({ lines: 10_000, maxBytes: 1_000_000 }).toString(),
  }
}
