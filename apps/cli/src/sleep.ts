import type { Context } from './context.ts'

/** Waits, and no longer than until the user wants the command to end. */
export function sleep(
  { clock, interrupted }: Pick<Context, 'clock' | 'interrupted'>,
  ms: number,
): Promise<void> {
  return new Promise((resolve) => {
    if (interrupted.aborted) return resolve()
    const timer = clock.setTimeout(done, ms)
    interrupted.addEventListener('abort', done)
    function done(): void {
      clock.clearTimeout(timer)
      interrupted.removeEventListener('abort', done)
      resolve()
    }
  })
}

/** Waits between looks at something that tells nobody when it changes, in milliseconds. */
const FIRST_LOOK_MS = 20
const LONGEST_LOOK_MS = 250

/**
 * Looks until there is an answer, at first often and then less so.
 *
 * @returns What `look` found; `undefined` after `timeoutMs`, or when the user wants the command to end.
 */
export async function lookUntil<T>(
  context: Pick<Context, 'clock' | 'interrupted'>,
  timeoutMs: number,
  look: () => Promise<T | undefined> | T | undefined,
): Promise<T | undefined> {
  const { clock, interrupted } = context
  const endMs = clock.now() + timeoutMs
  for (let waitMs = FIRST_LOOK_MS; ; waitMs = Math.min(waitMs * 2, LONGEST_LOOK_MS)) {
    const found = await look()
    const leftMs = endMs - clock.now()
    if (found !== undefined || leftMs <= 0 || interrupted.aborted) return found
    await sleep(context, Math.min(waitMs, leftMs))
  }
}
