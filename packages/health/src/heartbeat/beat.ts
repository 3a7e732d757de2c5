import { isProcessIdentity, type ProcessIdentity } from '@conductor/process-identity'

/** How often one kind of work was done, and when last. */
export interface BeatProgress {
  readonly count: number
  /** ISO 8601, UTC. Before the first time: when the heartbeat began. */
  readonly timestamp: string
}

/**
 * What a heartbeat file says.
 *
 * The first three fields are the whole of the original format, and all that is needed to be read;
 * the others are ours. A program in any language may write either.
 */
export interface Beat {
  /** ISO 8601. We write UTC; without a zone it tells nothing, and the file's own time is taken. */
  readonly timestamp: string
  readonly pid: number
  readonly uptime_seconds: number
  /** The version of this format. */
  readonly v?: 2
  /** Counts the beats of one run from 1. */
  readonly seq?: number
  readonly intervalMs?: number
  /** Which process has `pid`: the kernel uses pids again. */
  readonly identity?: ProcessIdentity
  /** One line for people. */
  readonly status?: string
  readonly progress?: Readonly<Record<string, BeatProgress>>
}

/** ISO 8601 as Python, Go, `date` and JavaScript write it. */
const STAMP = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d(?:\.\d+)?) ?(Z|[+-]\d\d:?\d\d)?$/

/**
 * The moment of a timestamp.
 *
 * @returns Milliseconds since 1970; `undefined` where it has no zone; NaN where it is no timestamp.
 */
export function momentOf(timestamp: string): number | undefined {
  const [matches, day, time, zone] = STAMP.exec(timestamp) ?? []
  if (matches === undefined) return Number.NaN
  const ms = Date.parse(`${day}T${time}${zone?.replace(/^(...)(\d\d)$/, '$1:$2') ?? 'Z'}`)
  return zone === undefined && !Number.isNaN(ms) ? undefined : ms
}

/**
 * Reads the text of a heartbeat file.
 *
 * @throws Error that says in which way it is none.
 */
export function parseBeat(text: string): Beat {
  const value: unknown = parseJson(text)
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Error('the heartbeat file holds no JSON object')
  const fields = value as Record<string, unknown>
  const { timestamp, pid, uptime_seconds = 0, identity, status, progress = {} } = fields
  if (typeof timestamp !== 'string' || Number.isNaN(momentOf(timestamp))) wrong('timestamp')
  if (typeof pid !== 'number' || !Number.isSafeInteger(pid) || pid < 1) wrong('pid')
  if (typeof uptime_seconds !== 'number' || !(uptime_seconds >= 0)) wrong('uptime_seconds')
  if (identity !== undefined && !(isProcessIdentity(identity) && identity.pid === pid))
    wrong('identity')
  if (status !== undefined && typeof status !== 'string') wrong('status')
  if (!isProgress(progress)) wrong('progress')
  return {
    timestamp,
    pid,
    uptime_seconds,
    progress,
    ...(identity === undefined ? {} : { identity }),
    ...(status === undefined ? {} : { status }),
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new Error('the heartbeat file is not JSON', { cause })
  }
}

function isProgress(value: unknown): value is Record<string, BeatProgress> {
  if (typeof value !== 'object' || value === null) return false
  return Object.values(value).every((each: unknown) => {
    if (typeof each !== 'object' || each === null) return false
    const { count, timestamp } = each as Partial<Record<keyof BeatProgress, unknown>>
    const moment = typeof timestamp === 'string' ? momentOf(timestamp) : undefined
    return typeof count === 'number' && moment !== undefined && !Number.isNaN(moment)
  })
}

function wrong(field: string): never {
  throw new Error(`the heartbeat file has no usable ${field}`)
}
