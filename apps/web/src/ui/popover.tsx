import type { ComponentChildren, JSX } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'

export interface PopoverProps {
  readonly label: string
  /** Where, in CSS pixels of the window: it opens above, and moves so that it fits. */
  readonly at: { readonly x: number; readonly y: number }
  /** Left by Escape, or clicked beside. */
  readonly onClose: () => void
  readonly children: ComponentChildren
}

const EDGE_PX = 8

/** Something to read, over the page. The browser puts it on top, and closes it by Escape or by a click beside it. */
export function Popover({ label, at, onClose, children }: PopoverProps): JSX.Element {
  const box = useRef<HTMLDivElement>(null)

  useLayoutEffect(() => {
    const element = box.current
    if (!element) return
    element.showPopover()
    const { width, height } = element.getBoundingClientRect()
    element.style.left = `${Math.max(Math.min(at.x, innerWidth - width - EDGE_PX), EDGE_PX)}px`
    element.style.top = `${Math.max(at.y - height - EDGE_PX, EDGE_PX)}px`
    element.focus()
  }, [at])

  return (
    <div
      ref={box}
      class="popover"
      popover="auto"
      role="dialog"
      tabIndex={-1}
      aria-label={label}
      onToggle={(event) => {
        if ((event as ToggleEvent).newState === 'closed') onClose()
      }}
    >
      {children}
    </div>
  )
}
