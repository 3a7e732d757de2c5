import { systemClock } from '@conductor/machine'
import { useEffect, useState } from 'preact/hooks'

/** The date in milliseconds since 1970, and drawn again as it passes: for what grows older while one looks. */
export function useNow(stepMs = 1_000): number {
  const [now, setNow] = useState(() => systemClock.date())
  useEffect(() => {
    let timer: unknown
    const tick = (): void => {
      setNow(systemClock.date())
      timer = systemClock.setTimeout(tick, stepMs)
    }
    timer = systemClock.setTimeout(tick, stepMs)
    return () => systemClock.clearTimeout(timer)
  }, [stepMs])
  return now
}

/** How wide an element is, in pixels, as it changes; `undefined` before it is there. */
export function useWidth(): readonly [(element: HTMLElement | null) => void, number | undefined] {
  const [element, setElement] = useState<HTMLElement | null>(null)
  const [width, setWidth] = useState<number>()
  useEffect(() => {
    if (!element) return undefined
    const observer = new ResizeObserver(() => setWidth(element.clientWidth))
    observer.observe(element)
    setWidth(element.clientWidth)
    return () => observer.disconnect()
  }, [element])
  return [setElement, width]
}
