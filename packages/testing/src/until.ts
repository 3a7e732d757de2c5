import { inspect } from 'node:util'

/** How long and how often {@link until} looks. */
export interface UntilOptions {
  /** How long to wait before the test fails, in milliseconds (default: 5,000). */
  readonly timeoutMs?: number | undefined
  /** How long to wait between two looks, in milliseconds (default: 5). */
  readonly everyMs?: number | undefined
  /** What is waited for, in words (default: the source of `fact`). */
  readonly what?: string | undefined
}

/** Answers "not in time" where a promise of the fact never settles. */
const LATE = Symbol('late')

/**
 * Waits until `fact` holds, and returns what it returned: instead of a sleep.
 *
 * @param fact Looked at again and again. Anything truthy holds; a rejection or a throw does not, yet.
 * @returns The first truthy result.
 * @throws Error after `timeoutMs`, with the last result in its message or the last error as its `cause`.
 */
export async function until<T>(
  fact: () => T | Promise<T>,
  options: UntilOptions = {},
): Promise<NonNullable<T>> {
  const { timeoutMs = 5_000, everyMs = 5, what = String(fact) } = options
  const endMs = performance.now() + timeoutMs
  let last: T | undefined
  let cause: unknown

  while (true) {
    const leftMs = endMs - performance.now()
    try {
      const result = await within(Math.max(leftMs, everyMs), fact())
      if (result === LATE) break
      cause = undefined
      last = result
      if (result) return result
    } catch (error) {
      cause = error
    }
    if (leftMs <= 0) break
    await new Promise((resolve) => setTimeout(resolve, everyMs))
  }
  const seen = cause instanceof Error ? cause.message : inspect(last, { depth: 3 })
  throw new Error(`not true within ${timeoutMs} ms: ${what}\nlast seen: ${seen}`, { cause })
}

async function within<T>(ms: number, value: T | Promise<T>): Promise<T | typeof LATE> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<typeof LATE>((resolve) => {
    timer = setTimeout(resolve, ms, LATE)
  })
  try {
    return await Promise.race([value, late])
  } finally {
    clearTimeout(timer)
  }
}
