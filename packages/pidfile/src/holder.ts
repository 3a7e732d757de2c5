import process from 'node:process'
import {
  isProcessIdentity,
  type ProcessIdentity,
  type ProcessState,
  processState,
} from '@conductor/process-identity'
import { systemCodeOf } from './pidfile-error.ts'

/** What a caller keeps in the file: plain JSON. */
export type PidfileData = Readonly<Record<string, unknown>>

/** What holds a claim: a lock of the kernel, or (`link`) nothing but the file and the identity in it. */
export type Backend = 'flock' | 'exlock' | 'sqlite' | 'link'

/** Who a file says it belongs to. */
export interface Holder {
  readonly pid: number
  /** Absent in files of other programs: a pid alone proves nothing while somebody has it. */
  readonly identity?: ProcessIdentity
  /** The lock that this holder says it holds. */
  readonly lock?: Backend
  readonly data?: PidfileData
}

/** A holder, and whether it still runs. */
export interface KnownHolder extends Holder {
  readonly state: ProcessState
}

/** A holder that lives, as far as can be told. */
export interface LiveHolder extends KnownHolder {
  readonly state: 'alive' | 'unknown'
}

/** Whether the holder still runs. `dead` is proved; `unknown` is not to be taken for it. */
export function stateOf({ pid, identity }: Holder): ProcessState {
  if (identity) return processState(identity)
  // A bare pid that is our own names an earlier process, as in a container where each first process is 1.
  if (pid === process.pid) return 'dead'
  try {
    process.kill(pid, 0)
    return 'unknown'
  } catch (error) {
    return systemCodeOf(error) === 'ESRCH' ? 'dead' : 'unknown'
  }
}

/** Reads a holder from parsed JSON: its keys are the identity's own, or have it under `identity`. */
export function holderFrom(pid: number, value: object): Holder {
  const { identity, lock, data } = value as { readonly [key: string]: unknown }
  const found = [value, identity].find(isProcessIdentity)
  return {
    pid,
    // An identity of another pid than the one that everybody reads is none.
    ...(found && found.pid === pid ? { identity: onlyIdentity(found) } : {}),
    ...(isBackend(lock) ? { lock } : {}),
    ...(isObject(data) ? { data } : {}),
  }
}

/** The kernel takes 0 and below for groups, and no system has pids of more than 31 bits. */
export function isPid(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value > 0 && value < 2 ** 31
}

/** Whether parsed JSON is an object with keys. */
export function isObject(value: unknown): value is PidfileData {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isBackend(value: unknown): value is Backend {
  return value === 'flock' || value === 'exlock' || value === 'sqlite' || value === 'link'
}

function onlyIdentity({ pid, startTime, bootId, pidNamespace, host }: ProcessIdentity) {
  return { pid, startTime, bootId, ...(pidNamespace === undefined ? {} : { pidNamespace }), host }
}
