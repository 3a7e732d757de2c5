import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { type Clock, systemClock } from '@conductor/machine'
import { identifySelf, type ProcessIdentity } from '@conductor/process-identity'
import { HealthError } from '../health-error.ts'
import { checkMs } from '../options.ts'
import { type Beat, type BeatProgress, parseBeat } from './beat.ts'

export interface HeartbeatOptions {
  /** The file; its folder must exist. */
  readonly path: string
  /** Permissions of the file (default: 0o644, so that a monitor of another user can read it). */
  readonly mode?: number
  /** From the end of one beat to the next, in milliseconds (default: 30,000). Readers want two beats in their limit. */
  readonly intervalMs?: number
  /** Kinds of work that are reported from the first beat on, though they may not have been done yet. */
  readonly progress?: readonly string[]
  /** One line for people, asked at each beat. */
  readonly status?: () => string
  /** A beat that could not be written (`UNWRITABLE`), or a `status` that threw. The next beat tries again. */
  readonly onTrouble?: (error: HealthError) => void
  /** Which process beats (default: this one). */
  readonly identity?: ProcessIdentity
  readonly clock?: Clock
}

export interface Heartbeat {
  /**
   * Beats now, and then again after the interval. Calls during a beat share the one that follows it.
   *
   * @throws HealthError `UNWRITABLE`, with the system's error as `cause`; `CLOSED`.
   */
  beat(): Promise<void>
  /** Some work was done. It is written with the next beat, so call it as often as you like. */
  progress(name: string): void
  /**
   * Ends it and removes the file, if it is still ours: a program that ended well leaves none behind,
   * one that died leaves the beat of a dead process. Idempotent, never rejects.
   */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * Writes a file again and again, which tells others that this program lives and works.
 *
 * The first beat comes at once. Each is written under another name and then renamed, so no reader
 * ever sees half of one. The next is due an interval after the last was written: a program that was
 * held up, or a machine that slept, makes up for nothing. The timer keeps the program running until
 * `close()`.
 *
 * @throws HealthError `BAD_OPTION`.
 */
export function createHeartbeat(options: HeartbeatOptions): Heartbeat {
  const { path, mode = 0o644, intervalMs = 30_000, clock = systemClock } = options
  const { status, onTrouble } = options
  checkMs('intervalMs', intervalMs)
  if (path === '') throw new HealthError('BAD_OPTION', 'path is empty: pass the path of a file')
  const identity = options.identity ?? identifySelf()
  const temporary = `${path}.${identity.pid}.tmp`
  const startedMs = clock.now()
  const progress = new Map<string, BeatProgress>()
  for (const name of options.progress ?? [])
    progress.set(name, { count: 0, timestamp: timestamp(clock) })

  let seq = 0
  let timer: unknown
  let writing: Promise<void> | undefined
  let next: Promise<void> | undefined
  let closing: Promise<void> | undefined

  function beat(): Promise<void> {
    if (closing)
      return Promise.reject(new HealthError('CLOSED', `the heartbeat ${path} was closed`))
    if (!writing) return begin()
    next ??= writing
      .catch(() => {})
      .then(() => {
        next = undefined
        return begin()
      })
    return next
  }

  function begin(): Promise<void> {
    clock.clearTimeout(timer)
    writing = write().finally(() => {
      writing = undefined
      if (!closing) timer = clock.setTimeout(() => void beat().catch(report), intervalMs)
    })
    return writing
  }

  async function write(): Promise<void> {
    const said = say()
    const content: Beat = {
      timestamp: timestamp(clock),
      pid: identity.pid,
      uptime_seconds: Math.round(clock.now() - startedMs) / 1000,
      v: 2,
      seq: ++seq,
      intervalMs,
      identity,
      ...(said === undefined ? {} : { status: said }),
      ...(progress.size === 0 ? {} : { progress: Object.fromEntries(progress) }),
    }
    try {
      await writeFile(temporary, `${JSON.stringify(content, null, 2)}\n`, { mode })
      await rename(temporary, path)
    } catch (cause) {
      await rm(temporary, { force: true }).catch(() => {})
      throw new HealthError('UNWRITABLE', `${path}: ${String(cause)}`, { cause })
    }
  }

  function say(): string | undefined {
    try {
      return status?.()
    } catch (cause) {
      report(new HealthError('BAD_OPTION', `status threw: ${String(cause)}`, { cause }))
      return undefined
    }
  }

  function report(error: HealthError): void {
    onTrouble?.(error)
  }

  async function end(): Promise<void> {
    clock.clearTimeout(timer)
    // The one that waits its turn is still written: somebody awaits it.
    await (next ?? writing)?.catch(() => {})
    const holder = await readFile(path, 'utf8')
      .then(parseBeat)
      .catch(() => undefined)
    const { pid, startTime } = holder?.identity ?? {}
    if (pid === identity.pid && startTime === identity.startTime)
      await rm(path, { force: true }).catch((cause) =>
        report(new HealthError('UNWRITABLE', `${path} stays behind: ${String(cause)}`, { cause })),
      )
  }

  function close(): Promise<void> {
    closing ??= end()
    return closing
  }

  begin().catch(report)
  return {
    beat,
    progress(name) {
      const count = (progress.get(name)?.count ?? 0) + 1
      progress.set(name, { count, timestamp: timestamp(clock) })
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

function timestamp(clock: Clock): string {
  return new Date(clock.date()).toISOString()
}
