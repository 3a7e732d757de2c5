export interface PinchOptions {
  readonly element: HTMLElement
  /** How large something is now, in whatever unit {@link onZoom} takes. */
  readonly size: () => number
  /** Two fingers have moved apart or together: so large should it be. */
  readonly onZoom: (size: number) => void
}

/**
 * Zooms with two fingers what is in the element, and not the page.
 *
 * @returns The function that ends it.
 */
export function zoomByPinch({ element, size, onZoom }: PinchOptions): () => void {
  let from: { readonly apart: number; readonly size: number } | undefined

  function onStart({ touches }: TouchEvent): void {
    from = touches.length === 2 ? { apart: apart(touches), size: size() } : undefined
  }

  function onMove(event: TouchEvent): void {
    if (!from || event.touches.length !== 2) return
    if (event.cancelable) event.preventDefault()
    onZoom((from.size * apart(event.touches)) / from.apart)
  }

  // Safari's own, which zooms the page whatever becomes of the touches.
  const prevent = (event: Event): void => event.preventDefault()

  element.addEventListener('touchstart', onStart, { passive: true })
  element.addEventListener('touchmove', onMove, { passive: false })
  element.addEventListener('gesturestart', prevent)
  return () => {
    element.removeEventListener('touchstart', onStart)
    element.removeEventListener('touchmove', onMove)
    element.removeEventListener('gesturestart', prevent)
  }
}

/** How far two fingers are from each other, in CSS pixels; never nothing. */
function apart([a, b]: ArrayLike<Touch> & Iterable<Touch>): number {
  if (!a || !b) return 1
  return Math.max(Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY), 1)
}
