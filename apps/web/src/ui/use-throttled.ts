import { systemClock } from '@conductor/machine'
import { useEffect } from 'preact/hooks'

/**
 * Calls back after something has happened: at once, and then no more often than every `everyMs`; never
 * for nothing, and always once more after the last time.
 *
 * @param subscribe Stays the same for as long as it means the same.
 */
export function useThrottled(
  subscribe: (listener: () => void) => () => void,
  act: () => void,
  everyMs: number,
): void {
  useEffect(() => {
    let timer: unknown
    let isMissed = false
    function happened(): void {
      if (timer !== undefined) {
        isMissed = true
        return
      }
      act()
      timer = systemClock.setTimeout(() => {
        timer = undefined
        if (isMissed) happened()
        isMissed = false
      }, everyMs)
    }
    const stop = subscribe(happened)
    return () => {
      stop()
      systemClock.clearTimeout(timer)
    }
  }, [subscribe, act, everyMs])
}
