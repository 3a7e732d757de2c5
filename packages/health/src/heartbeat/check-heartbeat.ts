import { constants, type FileHandle, open } from 'node:fs/promises'
import { type Clock, systemClock } from '@conductor/machine'
import { identifySelf, type ProcessReaders, processState } from '@conductor/process-identity'
import { checkMs } from '../options.ts'
import { type Beat, momentOf, parseBeat } from './beat.ts'
import type { DaemonStatus, DaemonTrouble } from './daemon-status.ts'

export interface HeartbeatCheckOptions {
  /** An older beat is unhealthy, in milliseconds (default: 60,000, two intervals). */
  readonly maxAgeMs?: number
  /** A beat may be so far in the future, in milliseconds (default: 5,000): clocks of two machines differ. */
  readonly clockSkewMs?: number
  /** Kinds of work, and how long ago each may have been done last, in milliseconds (default: none is asked for). */
  readonly maxProgressAgeMs?: Readonly<Record<string, number>>
  readonly clock?: Clock
  readonly readers?: ProcessReaders
}

/** No heartbeat is longer, in bytes. */
const LONGEST_BEAT = 65_536

/**
 * Whether the daemon that writes this heartbeat lives and works.
 *
 * In this order: there is a file; its process, known by pid and start time, lives; the beat is not
 * from the future, nor too old; the work that is asked for goes on. A process of which this machine
 * cannot tell, such as one in another container, is judged by its beats alone.
 *
 * @returns Also for a file that is torn, or no file at all, or not to be read: never healthy then.
 * @throws HealthError `BAD_OPTION`, and nothing else.
 */
export async function checkHeartbeat(
  path: string,
  options: HeartbeatCheckOptions = {},
): Promise<DaemonStatus> {
  const { maxAgeMs = 60_000, clockSkewMs = 5_000, maxProgressAgeMs = {} } = options
  checkMs('maxAgeMs', maxAgeMs)
  checkMs('clockSkewMs', clockSkewMs, 0)
  for (const [name, ms] of Object.entries(maxProgressAgeMs)) checkMs(`maxProgressAgeMs.${name}`, ms)
  try {
    const { beat, beatMs } = await readBeat(path)
    return judge(beat, beatMs, { ...options, maxAgeMs, clockSkewMs, maxProgressAgeMs })
  } catch (error) {
    if (isMissing(error)) {
      const message = 'No heartbeat file found - daemon may not be running'
      return { status: 'UNHEALTHY', healthy: false, message, reason: 'missing' }
    }
    const message = `Error checking health: ${error instanceof Error ? error.message : String(error)}`
    return { status: 'ERROR', healthy: false, message, reason: 'unreadable' }
  }
}

type Limits = HeartbeatCheckOptions &
  Required<Pick<HeartbeatCheckOptions, 'maxAgeMs' | 'clockSkewMs' | 'maxProgressAgeMs'>>

function judge(beat: Beat, beatMs: number, limits: Limits): DaemonStatus {
  const { maxAgeMs, clockSkewMs, maxProgressAgeMs, clock = systemClock, readers } = limits
  const { pid, uptime_seconds, status: detail } = beat
  const nowMs = clock.date()
  const ageMs = nowMs - beatMs
  const facts = {
    pid,
    last_heartbeat: new Date(beatMs).toISOString(),
    age_seconds: ageMs / 1000,
    ...(detail === undefined ? {} : { detail }),
  }
  const unhealthy = (reason: DaemonTrouble, message: string): DaemonStatus => ({
    ...{ status: 'UNHEALTHY', healthy: false, message, reason },
    ...facts,
  })

  // The original format has the pid alone: as one of this machine, it can only be proved dead.
  const identity = beat.identity ?? { ...identifySelf(readers), pid, startTime: '' }
  if (processState(identity, readers) === 'dead')
    return unhealthy('dead', `Process ${pid} is gone, last heartbeat ${ago(ageMs)}`)
  if (ageMs < -clockSkewMs)
    return unhealthy('future', `Last heartbeat is ${whole(-ageMs)}s in the future`)
  if (ageMs > maxAgeMs)
    return unhealthy('stale', `Last heartbeat ${late(ageMs)}s ago (threshold: ${maxAgeMs / 1000}s)`)
  for (const [name, limitMs] of Object.entries(maxProgressAgeMs)) {
    const last = beat.progress?.[name]
    if (!last) return unhealthy('stuck', `No progress is reported of ${name}`)
    const idleMs = nowMs - (momentOf(last.timestamp) ?? Number.NaN)
    if (!(idleMs <= limitMs && idleMs >= -clockSkewMs))
      return unhealthy(
        'stuck',
        `No progress of ${name} for ${late(idleMs)}s (threshold: ${limitMs / 1000}s)`,
      )
  }
  const message = `Last heartbeat ${ago(ageMs)}`
  return { status: 'HEALTHY', healthy: true, message, ...facts, uptime_seconds }
}

/** Opened so that neither a pipe nor an endless device can hold us up. */
async function readBeat(path: string): Promise<{ beat: Beat; beatMs: number }> {
  let file: FileHandle | undefined
  try {
    file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
    const about = await file.stat()
    if (!about.isFile()) throw new Error('the heartbeat file is not a regular file')
    if (about.size > LONGEST_BEAT)
      throw new Error(`the heartbeat file has ${about.size} bytes, over ${LONGEST_BEAT}`)
    const beat = parseBeat(await file.readFile('utf8'))
    // A local time without its zone means nothing elsewhere; the file system's own time does.
    return { beat, beatMs: momentOf(beat.timestamp) ?? about.mtimeMs }
  } finally {
    await file?.close()
  }
}

function isMissing(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return code === 'ENOENT' || code === 'ENOTDIR'
}

function ago(ageMs: number): string {
  return `${whole(Math.max(ageMs, 0))}s ago`
}

function whole(ms: number): number {
  return Math.floor(ms / 1000)
}

/** Rounded up, so that no line says "60s ago (threshold: 60s)". */
function late(ms: number): number {
  return Math.ceil(ms / 1000)
}
