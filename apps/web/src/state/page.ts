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

/**
 * Keeps `--viewport-height` at the height that a person can see, which on phones is less than the
 * page's own while the keyboard is open.
 */
export function followViewport(): void {
  const viewport = window.visualViewport
  if (!viewport) return
  const follow = (): void => {
    // Zoomed in, the viewport is a part of the page, and the page stays as it is.
    if (viewport.scale > 1.01) return
    document.documentElement.style.setProperty('--viewport-height', `${viewport.height}px`)
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
