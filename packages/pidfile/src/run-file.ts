import type { ProcessIdentity } from '@conductor/process-identity'
import { type Claim, type ClaimOptions, claim } from './claim.ts'
import { see } from './files.ts'
import { runFormat } from './format.ts'
import { type KnownHolder, type PidfileData, stateOf } from './holder.ts'
import { PidfileError } from './pidfile-error.ts'

/** What a run-file tells other programs, besides pid and identity. Keys of your own are kept. */
export interface RunFileData extends PidfileData {
  /** `app`: ends with the app that started it; `persistent`: stays. Absent: started by hand. */
  readonly owner?: 'app' | 'persistent' | undefined
  /** Where it listens. */
  readonly port?: number | undefined
  /** ISO 8601, UTC (default: now). */
  readonly startedAt?: string | undefined
}

/** A run-file as it was read. A pid is to be believed only if `state` is `alive`. */
export interface RunFile extends RunFileData {
  readonly pid: number
  readonly identity?: ProcessIdentity | undefined
  readonly state: KnownHolder['state']
}

/**
 * Claims `path` as `claimPidfile` does, in the format that other programs read: one JSON object
 * `{ pid, startedAt, …data, identity, lock }`. `update` replaces the data; `startedAt` stays.
 *
 * @param date Milliseconds since 1970, for `startedAt`.
 * @throws the same errors as `claimPidfile`.
 */
export async function claimRunFile(
  path: string,
  data: RunFileData = {},
  options: Omit<ClaimOptions, 'data'> = {},
  date: () => number = Date.now,
): Promise<Claim> {
  const startedAt = data.startedAt ?? new Date(date()).toISOString()
  const claimed = await claim(path, runFormat, { ...options, data: { startedAt, ...data } })
  return { ...claimed, update: (next) => claimed.update({ startedAt, ...next }) }
}

/**
 * Reads a run-file, of whomever it is.
 *
 * @returns `undefined` when there is none, or a half-written one.
 * @throws PidfileError `NOT_OURS` when it is something else; `UNREADABLE`.
 */
export function readRunFile(path: string): RunFile | undefined {
  const found = see(path, 'any')
  const content = found && runFormat.read(found.text)
  if (content?.kind === 'foreign') throw new PidfileError('NOT_OURS', `${path} is no run-file`)
  if (content?.kind !== 'named') return undefined
  const { pid, identity, data } = content.holder
  return {
    ...data,
    pid,
    ...(identity ? { identity } : {}),
    state: stateOf(content.holder),
  }
}
