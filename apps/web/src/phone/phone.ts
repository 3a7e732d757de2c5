import type { Clock } from '@conductor/machine'
import { type ReadonlySignal, signal } from '@preact/signals'
import { type ComposeStore, createComposeStore } from './compose-store.ts'
import {
  isKey,
  type Modifier,
  type Modifiers,
  modified,
  NO_MODIFIERS,
  tapped,
  used,
} from './modifiers.ts'

/** What a page with little room types with. */
export interface Phone {
  readonly modifiers: ReadonlySignal<Modifiers>
  tap(modifier: Modifier): void
  /** What this key sends with what is held; what counted once does so no more. */
  modify(keys: string): string
  readonly compose: ComposeStore
  /** A key is held: again and again, until the returned function is called. */
  hold(act: () => void): () => void
  /** A short tremble, where the device can and a person wants it. */
  tick(): void
}

export interface PhoneOptions {
  readonly clock: Clock
  readonly storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>
  readonly wantsTicks: () => boolean
}

/** How long a key is held before it repeats, and how often it does then, in milliseconds. */
const HOLD_MS = 400
const REPEAT_MS = 60

/** Long enough to be felt, in milliseconds. */
const TICK_MS = 8

export function createPhone({ clock, storage, wantsTicks }: PhoneOptions): Phone {
  const modifiers = signal(NO_MODIFIERS)
  return {
    modifiers,
    tap(modifier) {
      modifiers.value = tapped(modifiers.peek(), modifier, clock.now())
    },
    modify(keys) {
      const now = modifiers.peek()
      if (!isKey(keys)) return keys
      modifiers.value = used(now)
      return modified(keys, now)
    },
    compose: createComposeStore(storage),
    hold(act) {
      let timer = clock.setTimeout(again, HOLD_MS)
      function again(): void {
        timer = clock.setTimeout(again, REPEAT_MS)
        act()
      }
      return () => clock.clearTimeout(timer)
    },
    tick() {
      // Safari knows no `vibrate`.
      if (wantsTicks()) navigator.vibrate?.(TICK_MS)
    },
  }
}
