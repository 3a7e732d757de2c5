import type { Death } from '../manager-api.ts'
import { ProcessManagerError, startTimeout } from '../process-manager-error.ts'
import type { Member } from '../tree/tree.ts'
import { readinessText } from './readiness.ts'
import { memberText } from './run.ts'
import type { Unit } from './unit-api.ts'

/** So many of its last words go into a message; the tally has more. */
const LINES_IN_MESSAGE = 5

/** Why a start came to nothing, with the real cause. */
export function startFailure(
  { name, spec, life }: Pick<Unit, 'name' | 'spec' | 'life'>,
  socketPath: string,
  death: Death | undefined,
): ProcessManagerError {
  if (life.name === 'failed' && life.reason.kind === 'cannot-tell')
    return new ProcessManagerError(
      'START_FAILED',
      `Failed to start process '${name}': whether its earlier run still lives cannot be told from here: stop it first, which forgets that run`,
    )
  if (!death)
    return new ProcessManagerError(
      'START_CANCELLED',
      `Failed to start process '${name}': it was stopped before it was ready`,
    )
  if (death.exit.kind === 'timeout') {
    const waited = readinessText(spec.ready, socketPath)
    return startTimeout(name, waited, spec.startupTimeoutMs, wordsOf(death))
  }
  return new ProcessManagerError(
    'START_FAILED',
    `Failed to start process '${name}': ${death.text}${wordsOf(death)}`,
  )
}

/** @param survivors As far as they are known. */
export function stopFailure(name: string, survivors: readonly Member[]): ProcessManagerError {
  const who = survivors.map(memberText).join(', ') || 'something of it'
  return new ProcessManagerError(
    'STOP_FAILED',
    `Process '${name}' did not stop: ${who} survived SIGKILL: it hangs in the kernel, or is not ours to signal`,
  )
}

/** Its manager lets go of it in the midst of a stop. */
export function stopLeft(name: string): ProcessManagerError {
  return new ProcessManagerError(
    'STOP_FAILED',
    `Process '${name}' was still on its way out when its manager let go of it: the next manager goes on with that`,
  )
}

function wordsOf({ lastLines }: Death): string {
  return lastLines.length === 0 ? '' : `: ${lastLines.slice(-LINES_IN_MESSAGE).join(' | ')}`
}
