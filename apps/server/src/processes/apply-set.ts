import {
  type Asked,
  type GroupSpec,
  isProcessManagerError,
  type ProcessInfo,
  type ProcessManager,
  type ProcessSpec,
} from '@conductor/process-manager'
import { membersOf } from './members.ts'

/** Specs of the server outlive it, unless they say otherwise: nothing that ran is lost because it stopped. */
export function withServerDefaults(spec: ProcessSpec): ProcessSpec {
  return { outlive: true, ...spec }
}

/**
 * Makes `specs` known. One that runs and has changed is stopped first; those that did not change, and
 * all that are not named, are left alone.
 *
 * @returns The names of those that had to be stopped. When a later spec fails they run again, with
 * what they were last given, before the error comes out.
 */
export async function applySet(
  manager: ProcessManager,
  specs: readonly ProcessSpec[],
  groups: Readonly<Record<string, GroupSpec>>,
  asked: Asked,
): Promise<readonly string[]> {
  const stopped: string[] = []
  try {
    for (const [name, group] of Object.entries(groups)) manager.defineGroup(name, group)
    for (const spec of specs) await define(manager, withServerDefaults(spec), asked, stopped)
    return stopped
  } catch (error) {
    if (stopped.length > 0) await manager.up(stopped).catch(() => {})
    throw error
  }
}

/** The manager knows best whether a spec has changed: it refuses that of a process that is not stopped. */
async function define(
  manager: ProcessManager,
  spec: ProcessSpec,
  asked: Asked,
  stopped: string[],
): Promise<void> {
  const members = () => membersOf(manager, spec.name)
  const wasActive = members().some(isActive)
  try {
    await manager.add(spec)
  } catch (error) {
    if (!isProcessManagerError(error, 'ALREADY_RUNNING')) throw error
    stopped.push(spec.name)
    for (const { name } of members()) await manager.stopProcess(name, asked)
    await manager.add(spec)
    return
  }
  // One that waited for its next try needed no stop to be redefined, and still is to run.
  if (wasActive && !members().some(isActive)) stopped.push(spec.name)
}

function isActive({ phase }: ProcessInfo): boolean {
  return phase !== 'stopped' && phase !== 'failed'
}
