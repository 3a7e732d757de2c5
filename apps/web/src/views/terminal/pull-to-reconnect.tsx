import type { JSX, RefObject } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { OpenTerminal } from '../../state/terminals.ts'
import { Icon } from '../../ui/icons.tsx'

/** A pull begins so near the top, and is one from so far on, in CSS pixels. */
const TOP_PX = 96
const FAR_PX = 72

export interface PullToReconnectProps {
  readonly terminal: OpenTerminal
  /** What is pulled at. */
  readonly area: RefObject<HTMLElement>
}

/** Pulled down from its top, a terminal that has lost its connection tries again. */
export function PullToReconnect({ terminal, area }: PullToReconnectProps): JSX.Element | null {
  const { name } = terminal.state.value.status
  const isPossible = name === 'stopped' || name === 'reconnecting' || name === 'refused'
  const [pulled, setPulled] = useState(0)

  useEffect(() => {
    const element = area.current
    if (!element || !isPossible) return undefined
    let fromY: number | undefined
    let px = 0

    function onStart({ touches: [touch, other] }: TouchEvent): void {
      const top = element?.getBoundingClientRect().top ?? 0
      const isNear = touch !== undefined && touch.clientY - top < TOP_PX
      fromY = isNear && !other ? touch.clientY : undefined
    }

    function onMove(event: TouchEvent): void {
      const [touch] = event.touches
      if (fromY === undefined || !touch) return
      px = Math.max(touch.clientY - fromY, 0)
      setPulled(px)
      if (px === 0) return
      if (event.cancelable) event.preventDefault()
      // What lies below would scroll.
      event.stopPropagation()
    }

    function onEnd(): void {
      if (fromY !== undefined && px >= FAR_PX) terminal.view.reconnect()
      fromY = undefined
      px = 0
      setPulled(0)
    }

    const capture = { capture: true, passive: false }
    element.addEventListener('touchstart', onStart, { capture: true, passive: true })
    element.addEventListener('touchmove', onMove, capture)
    for (const end of ['touchend', 'touchcancel'] as const)
      element.addEventListener(end, onEnd, capture)
    return () => {
      setPulled(0)
      element.removeEventListener('touchstart', onStart, capture)
      element.removeEventListener('touchmove', onMove, capture)
      for (const end of ['touchend', 'touchcancel'] as const)
        element.removeEventListener(end, onEnd, capture)
    }
  }, [area, isPossible, terminal])

  if (pulled === 0) return null
  const isFar = pulled >= FAR_PX
  return (
    <div class="pull" style={{ transform: `translateY(${Math.min(pulled, FAR_PX + 20) / 2}px)` }}>
      <Icon name={isFar ? 'restart' : 'down'} />
      {isFar ? 'Let go to reconnect' : 'Pull to reconnect'}
    </div>
  )
}
