import { signal } from '@preact/signals'

/** A part of the page that comes in a file of its own. */
export interface Lazy<T> {
  /** What it is, once it is there; the first to ask has it fetched. Reads a signal. */
  get(): T | undefined
}

/** @param load As in `async () => (await import('./part.tsx')).Part`. What fails is tried again by the next to ask. */
export function lazily<T>(load: () => Promise<T>): Lazy<T> {
  const loaded = signal<{ readonly part: T } | undefined>(undefined)
  let isLoading = false
  return {
    get() {
      if (!loaded.value && !isLoading) {
        isLoading = true
        load().then(
          (part) => {
            loaded.value = { part }
          },
          () => {
            isLoading = false
          },
        )
      }
      return loaded.value?.part
    },
  }
}
