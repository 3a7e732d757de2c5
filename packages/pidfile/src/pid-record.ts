import { renameSync, rmSync } from 'node:fs'
import type { ProcessIdentity } from '@conductor/process-identity'
import { see, writeNew } from './files.ts'
import { pidFormat } from './format.ts'
import type { Holder, PidfileData } from './holder.ts'
import { orUnreadable } from './pidfile-error.ts'

/** What a record says about a process. `identity` is absent in files of other programs. */
export type PidRecord = Pick<Holder, 'pid' | 'identity' | 'data'>

/**
 * Notes which process runs, on its behalf: a pid file without a claim, written by a supervisor for its child.
 *
 * Readers see the old record or the new one. It does not wait for the disk, since after a power cut
 * no process is left to be found. There is one writer at a time: the supervisor has a claim of its own.
 *
 * @param path Its folder must exist. Written with mode 0644.
 * @throws PidfileError `UNREADABLE`
 */
export function writePidRecord(path: string, identity: ProcessIdentity, data?: PidfileData): void {
  orUnreadable(`write ${path}`, () => {
    const temporary = `${path}.new`
    writeNew(temporary, pidFormat.write(identity, undefined, data), 0o644)
    try {
      renameSync(temporary, path)
    } catch (error) {
      rmSync(temporary, { force: true })
      throw error
    }
  })
}

/**
 * @returns `undefined` when there is none, or what is there names no process.
 * @throws PidfileError `NOT_OURS` when it is a link or a file of another user, who could have us signal
 * any process; `UNREADABLE`.
 */
export function readPidRecord(path: string): PidRecord | undefined {
  const found = see(path)
  const content = found && pidFormat.read(found.text)
  if (content?.kind !== 'named') return undefined
  const { pid, identity, data } = content.holder
  return { pid, ...(identity ? { identity } : {}), ...(data ? { data } : {}) }
}

/**
 * Removes the record, if it names this very process.
 *
 * @returns whether it did.
 * @throws the same errors as `readPidRecord`.
 */
export function removePidRecord(path: string, identity: ProcessIdentity): boolean {
  const named = readPidRecord(path)?.identity
  if (!named || !isEqual(named, identity)) return false
  orUnreadable(`remove ${path}`, () => rmSync(path, { force: true }))
  return true
}

function isEqual(one: ProcessIdentity, other: ProcessIdentity): boolean {
  return (
    one.pid === other.pid &&
    one.startTime === other.startTime &&
    one.bootId === other.bootId &&
    one.pidNamespace === other.pidNamespace &&
    one.host === other.host
  )
}
