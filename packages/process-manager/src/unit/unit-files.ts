import { lstatSync, mkdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { removePidRecord, writePidRecord } from '@conductor/pidfile'
import type { ProcessIdentity } from '@conductor/process-identity'
import type { InstanceSpec } from '../spec/check-spec.ts'

/** The PID file and the socket of one process: there while it runs, and gone with it. */
export interface UnitFiles {
  /** Before a launch: its folder is there, and no socket of an earlier run is. */
  prepare(): void
  /** @throws the system's error */
  noteRun(identity: ProcessIdentity): void
  /** @throws the system's error */
  clearUp(identity: ProcessIdentity): void
}

export function createUnitFiles({ folder, socketPath }: InstanceSpec): UnitFiles {
  const pidFile = join(folder, 'daemon.pid')

  /** Only a socket is removed: whatever else has that path is not ours. */
  function removeSocket(): void {
    const found = lstatSync(socketPath, { throwIfNoEntry: false })
    if (found?.isSocket()) rmSync(socketPath, { force: true })
  }

  return {
    prepare() {
      mkdirSync(folder, { recursive: true, mode: 0o700 })
      // What lies at a path of the user's own may be the socket of somebody who lives.
      if (dirname(socketPath) === folder) removeSocket()
    },
    noteRun: (identity) => writePidRecord(pidFile, identity),
    clearUp(identity) {
      removePidRecord(pidFile, identity)
      removeSocket()
    },
  }
}
