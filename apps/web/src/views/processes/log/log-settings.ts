import { signal } from '@preact/signals'

/** How logs are shown: the same for all, for as long as the page lives. */
export const wraps = signal(true)
export const pretty = signal(true)
