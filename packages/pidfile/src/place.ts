import { renameSync, rmSync } from 'node:fs'
import { isSame, type Seen, see, tryLink } from './files.ts'

export interface Placing {
  /** A finished file beside the target, of our own. */
  readonly temporary: string
  /** Writes it again, should somebody have cleaned it away. */
  rewrite(): void
  /**
   * What is to be done about a file that is there already.
   *
   * @returns true to take it away, false to look again.
   * @throws to give up.
   */
  mayTake(path: string, found: Seen): Promise<boolean>
  /** Told after each step, so that tests can end the process there. */
  readonly onStep: (step: string) => void
}

/**
 * Gives our finished file the name `target`, which only one process can do: where the name is taken,
 * linking fails.
 *
 * What a dead process left there must be taken away first, and no system call does so only if it is
 * still that file. So whoever wants to must hold the guard, `<target>.taking`, placed by this same
 * function. The rule that makes it safe: a file is removed by its owner, or by the one holder of its
 * guard after having looked again. A guard whose holder died is in turn taken by way of its own guard.
 * The guard is our file under another name, so that one rename both replaces the dead file and ends the guard.
 */
export async function place(target: string, placing: Placing): Promise<void> {
  const { temporary, rewrite, mayTake, onStep } = placing
  while (true) {
    const linked = tryLink(temporary, target)
    onStep(`${linked}`)
    if (linked === 'linked') return
    if (linked === 'gone') {
      rewrite()
      continue
    }
    const found = see(target)
    if (!found || !(await mayTake(target, found))) continue

    const guard = guardOf(target)
    await place(guard, placing)
    onStep('guarded')
    let replaced = false
    try {
      if (isSame(see(target), found)) {
        renameSync(guard, target)
        replaced = true
        onStep('replaced')
      }
    } finally {
      // After the rename the name may already be somebody else's guard.
      if (!replaced) rmSync(guard, { force: true })
    }
    if (replaced) return
  }
}

function guardOf(target: string): string {
  return `${target}.taking`
}
