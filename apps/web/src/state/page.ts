import { type ReadonlySignal, signal } from '@preact/signals'
import type { Settings } from '../settings/schema.ts'

/** Whether a media query holds, for as long as the page lives. */
export function mediaSignal(query: string): ReadonlySignal<boolean> {
  const media = matchMedia(query)
  const matches = signal(media.matches)
  media.addEventListener('change', () => {
    matches.value = media.matches
  })
  return matches
}

/** With a keyboard on the screen, a page is at most so high, in heights it has without one. */
const TALLEST_WITH_KEYBOARD = 0.75

/**
 * Keeps `--viewport-height` at the height that a person can see, which on phones is less than the
 * page's own while the keyboard is open. Whether it is stands in `data-keyboard`.
 */
export function followViewport(): void {
  const viewport = window.visualViewport
  if (!viewport) return
  const isHandheld = matchMedia('(pointer: coarse)')
  /** How high the page has been at this width: turned over, it is another one. */
  const heights = new Map<number, number>()
  const tallest = (width: number): number => {
    const most = Math.max(heights.get(Math.round(width)) ?? 0, viewport.height)
    heights.set(Math.round(width), most)
    return most
  }
  const follow = (): void => {
    // Zoomed in, the viewport is a part of the page, and the page stays as it is.
    if (viewport.scale > 1.01) return
    const { style, dataset } = document.documentElement
    style.setProperty('--viewport-height', `${viewport.height}px`)
    const isShort = viewport.height < TALLEST_WITH_KEYBOARD * tallest(viewport.width)
    dataset['keyboard'] = String(isShort && isHandheld.matches)
    // Browsers scroll the page to show what is typed into, and it has no business being scrolled.
    window.scrollTo(0, 0)
  }
  viewport.addEventListener('resize', follow)
  viewport.addEventListener('scroll', follow)
  follow()
}

/** Tells the style sheets what a person has chosen; without a choice they ask the system themselves. */
export function applyTheme({ theme, motion }: Pick<Settings, 'theme' | 'motion'>): void {
  const { dataset } = document.documentElement
  if (theme === 'system') delete dataset['theme']
  else dataset['theme'] = theme
  dataset['motion'] = motion
}
