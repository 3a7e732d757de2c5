/** A finger that moved less than this, in CSS pixels, has tapped. */
const TAP_PX = 8

/** What is left of the speed after each frame of gliding, and the speed that is as good as none. */
const FRICTION = 0.94
const STILL_PX = 1

export interface TouchScrollOptions {
  readonly element: HTMLElement
  /** In CSS pixels. */
  readonly lineHeight: () => number
  /** So many lines towards the end, or with a minus towards the beginning; and where the finger is. */
  readonly onLines: (lines: number, x: number, y: number) => void
  /** Moves what is taller than its place, in CSS pixels. Returns what is left over for scrolling. */
  readonly pan?: ((px: number) => number) | undefined
}

/**
 * Scrolls with a finger, which xterm.js 6 does not do by itself. Sideways is left to the browser, for
 * panning.
 *
 * @returns The function that ends it.
 */
export function scrollByTouch(options: TouchScrollOptions): () => void {
  const { element, lineHeight, onLines, pan = (px) => px } = options
  let finger: { readonly id: number; x: number; y: number; moved: boolean } | undefined
  let speedPx = 0
  let restPx = 0
  let frame = 0

  function move(px: number): void {
    restPx += pan(px)
    const lines = Math.trunc(restPx / Math.max(lineHeight(), 1))
    if (lines === 0 || !finger) return
    restPx -= lines * lineHeight()
    onLines(lines, finger.x, finger.y)
  }

  function glide(): void {
    speedPx *= FRICTION
    move(speedPx)
    if (Math.abs(speedPx) > STILL_PX) frame = requestAnimationFrame(glide)
    else finger = undefined
  }

  function onStart({ touches, changedTouches: [touch] }: TouchEvent): void {
    cancelAnimationFrame(frame)
    speedPx = 0
    restPx = 0
    finger =
      touch && touches.length === 1
        ? { id: touch.identifier, x: touch.clientX, y: touch.clientY, moved: false }
        : undefined
  }

  function onMove(event: TouchEvent): void {
    // Two fingers zoom.
    if (event.touches.length > 1) finger = undefined
    const touch = [...event.changedTouches].find(({ identifier }) => identifier === finger?.id)
    if (!finger || !touch) return
    const sideways = Math.abs(touch.clientX - finger.x)
    const movedPx = finger.y - touch.clientY
    if (!finger.moved && (Math.abs(movedPx) < TAP_PX || sideways > Math.abs(movedPx))) return
    finger.moved = true
    finger.x = touch.clientX
    finger.y = touch.clientY
    speedPx = movedPx
    move(movedPx)
    event.preventDefault()
  }

  function onEnd(event: TouchEvent): void {
    if (!finger?.moved) return
    // A scroll is no tap: without this a click would follow, and open the keyboard.
    event.preventDefault()
    frame = requestAnimationFrame(glide)
  }

  element.addEventListener('touchstart', onStart, { passive: true })
  element.addEventListener('touchmove', onMove, { passive: false })
  element.addEventListener('touchend', onEnd, { passive: false })
  return () => {
    cancelAnimationFrame(frame)
    element.removeEventListener('touchstart', onStart)
    element.removeEventListener('touchmove', onMove)
    element.removeEventListener('touchend', onEnd)
  }
}
