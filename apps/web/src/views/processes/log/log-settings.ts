import { type Signal, signal } from '@preact/signals'

/** How logs are shown: the same for all, for as long as the page lives. */
export const wraps: Signal<boolean> = signal(true)
export const pretty: Signal<boolean> = signal(true)
