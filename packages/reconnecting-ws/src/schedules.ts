/**
 * How long to wait before each retry.
 *
 * A plain function will do, so a restart policy can be one. `attempt` is 1 for the first retry after
 * a connection was lost; the answer is in milliseconds, or `undefined` to give up.
 */
export interface Schedule {
  (attempt: number): number | undefined
  /** How many retries it allows, for a text like "3/20" (default: `Infinity`). Says nothing it does not do. */
  readonly attempts?: number | undefined
}

/** 1, 2, 4, 8, 16, 30, 30 … seconds, 20 attempts, then a person has to ask. No jitter. */
export const seedSchedule: Schedule = Object.assign(
  (attempt: number) => (attempt > 20 ? undefined : doubled(1_000, 30_000, attempt)),
  { attempts: 20 },
)

export interface FullJitterOptions {
  /** The longest first wait, in milliseconds (default: 1,000). It doubles with every attempt. */
  readonly baseMs?: number | undefined
  /** No wait is longer, in milliseconds (default: 30,000). */
  readonly capMs?: number | undefined
  /** How many retries before giving up (default: `Infinity`). */
  readonly attempts?: number | undefined
  /** Returns a number in [0, 1) (default: `Math.random`). */
  readonly random?: (() => number) | undefined
}

/**
 * Waits a random time in [0, min(capMs, baseMs × 2^(attempt − 1))), so that the many clients of one
 * restarted server do not come back in step.
 *
 * @see https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export function fullJitter(options: FullJitterOptions = {}): Schedule {
  const { baseMs = 1_000, capMs = 30_000, attempts = Infinity, random = Math.random } = options
  const schedule = (attempt: number) =>
    attempt > attempts ? undefined : random() * doubled(baseMs, capMs, attempt)
  return Object.assign(schedule, { attempts })
}

/** The same schedule without an end: its last wait is repeated for ever. */
export function endless(schedule: Schedule): Schedule {
  return (attempt) => {
    let delayMs: number | undefined
    let nth = Math.min(attempt, schedule.attempts ?? attempt)
    while (nth > 0 && delayMs === undefined) delayMs = schedule(nth--)
    return delayMs
  }
}

function doubled(baseMs: number, capMs: number, attempt: number): number {
  return Math.min(capMs, baseMs * 2 ** (attempt - 1))
}
