import type { Clock } from '@conductor/machine'

/** A clock whose timers can all be taken back at once. */
export function revocableClock(clock: Clock): { readonly clock: Clock; clear(): void } {
  const armed = new Set<unknown>()
  return {
    clock: {
      ...clock,
      setTimeout: (callback, delayMs) => {
        const handle = clock.setTimeout(() => {
          armed.delete(handle)
          callback()
        }, delayMs)
        armed.add(handle)
        return handle
      },
      clearTimeout: (handle) => {
        armed.delete(handle)
        clock.clearTimeout(handle)
      },
    },
    clear() {
      for (const handle of armed) clock.clearTimeout(handle)
    },
  }
}
